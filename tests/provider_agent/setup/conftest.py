"""A marketplace, a chain, a printer, and a home that is not there yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provider_agent.cli import main
from provider_agent.setup import choosing
from tests.provider_agent.bench import Bench, workshop

PASSWORD = "correct horse"


@dataclass
class Newcomer:
    """Bo before he has anything: what he types at `infill-agent setup`, or gives as options."""

    bench: Bench
    home: Path

    def setup(self, *options: str, typed: tuple[str, ...] | None = None) -> Result:
        """Options, and answers where not all are given; without `typed` nobody is there."""
        yes = () if typed is not None else ("--yes",)
        lines = None if typed is None else "".join(f"{line}\n" for line in typed)
        return CliRunner().invoke(main, ["--home", str(self.home), "setup", *yes, *options], input=lines)

    def options(self) -> tuple[str, ...]:
        """What has no default."""
        return ("--marketplace", self.bench.market.url, "--rpc-url", self.bench.anvil.url, *self.printer())

    def printer(self, extra: str = "") -> tuple[str, str]:
        return ("--printer", f"virtual,{self.bench.printer_url}{extra}")

    def files(self) -> set[str]:
        return {path.name for path in self.home.iterdir()} if self.home.exists() else set()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, bo, ada) -> Iterator[Bench]:
    """One for all tests of a module."""
    with workshop(tmp_path_factory.mktemp("site"), bo, ada) as bench:
        yield bench


@pytest.fixture
def newcomer(site: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newcomer:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("COLUMNS", "200")
    site.market.refusals.clear()
    site.market.printers.clear()
    site.market.arbiters = []
    return Newcomer(site, tmp_path / "home")


@pytest.fixture
def hears(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Decide what is announced in the network, instead of listening."""

    def decide(*found: object, network: bool = True) -> None:
        async def listen() -> list[object] | None:
            return list(found) if network else None

        monkeypatch.setattr(choosing, "_listen", listen)

    return decide
