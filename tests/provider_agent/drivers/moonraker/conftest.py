"""The real Moonraker, one for all tests of this folder and clean for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from provider_agent.drivers.moonraker import driver
from tests.provider_agent.drivers.contract import silence
from tests.provider_agent.drivers.moonraker.server import Moonraker
from tests.provider_agent.drivers.rigs import SoftwareRig

SHORT = "G28\nM140 S40\nM104 S40\nM109 S40\nG90\n" + "G1 X10 F6000\nG4 P200\n" * 15
LONG = "G28\nG90\n" + "".join(f"G1 X{x % 50} F600\nG4 P200\n" for x in range(600))


class MoonrakerRig(SoftwareRig):
    """See contract.Rig."""

    kind = "moonraker"
    server: Moonraker

    def __init__(self, server: Moonraker, home: Path, silent_port: int) -> None:
        super().__init__(server, home, silent_port, short=SHORT, long=LONG)

    async def break_printer(self) -> None:
        self.server.weather("hot")


@pytest.fixture(scope="session")
def moonraker_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moonraker]:
    """Use `moonraker`."""
    server = Moonraker(tmp_path_factory.mktemp("moonraker"))
    yield server
    server.close()


@pytest.fixture
def moonraker(moonraker_session: Moonraker) -> Moonraker:
    """Up, its host ready, with nothing on it."""
    moonraker_session.ready()
    return moonraker_session


@pytest.fixture
async def rig(
    moonraker: Moonraker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MoonrakerRig]:
    """Nothing is started before Moonraker has settled: no driver needs to wait for that."""
    monkeypatch.setattr(driver, "SETTLED_SECONDS", 0.0)
    async with silence() as port:
        rig = MoonrakerRig(moonraker, tmp_path, port)
        async with rig.driver:
            yield rig
