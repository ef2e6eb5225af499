"""The real Moonraker, one for all tests of this folder and clean for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from provider_agent.drivers import driver_for
from provider_agent.drivers.base import Driver
from tests.provider_agent.drivers.contract import silence
from tests.provider_agent.drivers.moonraker.server import Moonraker


class MoonrakerRig:
    """See contract.Rig."""

    def __init__(self, server: Moonraker, home: Path, silent_port: int) -> None:
        self.server = server
        self.driver: Driver = driver_for("moonraker", server.url, secret=server.key)
        self.short_print, self.long_print = home / "short.gcode", home / "long.gcode"
        heat = "G28\nM140 S40\nM104 S40\nM109 S40\nG90\n"
        self.short_print.write_text(heat + "G1 X10 F6000\nG4 P200\n" * 15)
        self.long_print.write_text(
            "G28\nG90\n" + "".join(f"G1 X{x % 50} F600\nG4 P200\n" for x in range(600))
        )
        self._silent_port = silent_port

    async def server_up(self) -> None:
        self.server.up()

    async def server_down(self) -> None:
        self.server.kill()

    async def break_printer(self) -> None:
        self.server.weather("hot")

    def unanswering(self) -> Driver:
        return driver_for("moonraker", f"http://127.0.0.1:{self._silent_port}", timeout_s=0.3)


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
async def rig(moonraker: Moonraker, tmp_path: Path) -> AsyncIterator[MoonrakerRig]:
    async with silence() as port:
        rig = MoonrakerRig(moonraker, tmp_path, port)
        async with rig.driver:
            yield rig
