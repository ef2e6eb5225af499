"""A newcomer with a real OctoPrint that announces itself: found, paired, read, listed."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from zeroconf import ServiceInfo, Zeroconf
from zeroconf.asyncio import AsyncZeroconf

from provider_agent.cli import main
from provider_agent.config import config_load
from provider_agent.setup import announcements, choosing
from tests.processes import eventually
from tests.provider_agent.bench import Bench
from tests.provider_agent.drivers.octoprint.server import OctoPrint
from tests.provider_agent.drivers.octoprint.test_pairing import asked_by

pytestmark = pytest.mark.printers


@pytest.fixture
def announced(octoprint: OctoPrint, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """OctoPrint on the loopback, which counts as home here and alone is listened to."""

    @asynccontextmanager
    async def ear() -> AsyncIterator[AsyncZeroconf]:
        found = AsyncZeroconf(interfaces=["127.0.0.1"])
        yield found
        await found.async_close()

    monkeypatch.setattr(announcements, "_HOME", (ip_network("127.0.0.0/8"),))
    monkeypatch.setattr(choosing, "listening", ear)
    kind = "_octoprint._tcp.local."
    info = ServiceInfo(
        kind,
        f"Left one.{kind}",
        urlsplit(octoprint.url).port,
        addresses=[socket.inet_aton("127.0.0.1")],
        properties={"path": "/"},
        server="left-one.local.",
    )
    voice = Zeroconf(interfaces=["127.0.0.1"])
    voice.register_service(info)
    yield
    voice.close()


def test_it_is_found_paired_read_and_listed(
    octoprint: OctoPrint, announced: None, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(bench.home.parent / "password"))
    home = tmp_path / "newcomer"

    def allow() -> None:
        token = eventually(lambda: asked_by(octoprint, "Infill"), 120)[0]
        octoprint.post(f"plugin/appkeys/decision/{token}", decision=True).raise_for_status()

    owner = threading.Thread(target=allow)
    owner.start()
    arguments = (
        "--home",
        str(home),
        "setup",
        "--yes",
        "--marketplace",
        bench.market.url,
        "--rpc-url",
        bench.anvil.url,
    )
    result = CliRunner().invoke(main, arguments)
    owner.join()
    assert result.exit_code == 0, result.output
    assert "secret received" in result.stdout
    printer = config_load(home).printer("left-one")
    assert (printer.driver, printer.url) == ("octoprint", octoprint.url)
    told = octoprint.get("api/printerprofiles")["profiles"]["_default"]
    sizes = (told["volume"][side] * 1000 for side in ("width", "depth", "height"))
    assert printer.capability.bed_um == tuple(round(size) for size in sizes)
    assert printer.capability.nozzle_um == told["extruder"]["nozzleDiameter"] * 1000
    assert len(bench.market.printers) == 1
