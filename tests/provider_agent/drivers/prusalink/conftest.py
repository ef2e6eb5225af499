"""The real PrusaLink, one for all tests of this folder and clean for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from provider_agent.drivers import driver_for
from provider_agent.drivers.base import Driver
from tests.provider_agent.drivers.contract import silence
from tests.provider_agent.drivers.prusalink.server import KEY, PrusaLink


class PrusaLinkRig:
    """See contract.Rig."""

    def __init__(self, server: PrusaLink, home: Path, silent_port: int) -> None:
        self.server = server
        self.driver: Driver = driver_for("prusalink", server.url, secret=KEY)
        self.short_print, self.long_print = home / "short.gcode", home / "long.gcode"
        self.short_print.write_text("G28\n" + "G4 P100\n" * 15 + "G1 X10\n")
        self.long_print.write_text("G28\n" + "".join(f"G1 X{x % 50} F600\nG4 P100\n" for x in range(3000)))
        self.while_print = home / "while.gcode"
        self.while_print.write_text("G28\n" + "G4 P500\n" * 20)
        """Ten seconds, half of them at a hundred percent."""
        self._silent_port = silent_port

    async def server_up(self) -> None:
        self.server.up()

    async def server_down(self) -> None:
        self.server.kill()

    async def break_printer(self) -> None:
        self.server.press("runaway")

    def unanswering(self) -> Driver:
        return driver_for("prusalink", f"http://127.0.0.1:{self._silent_port}", secret=KEY, timeout_s=0.3)


@pytest.fixture(scope="session")
def prusalink_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrusaLink]:
    """Use `prusalink`."""
    server = PrusaLink(tmp_path_factory.mktemp("prusalink"))
    yield server
    server.close()


@pytest.fixture
def prusalink(prusalink_session: PrusaLink) -> PrusaLink:
    """Up, its printer idle, with nothing on it."""
    prusalink_session.ready()
    return prusalink_session


@pytest.fixture
async def rig(prusalink: PrusaLink, tmp_path: Path) -> AsyncIterator[PrusaLinkRig]:
    async with silence() as port:
        rig = PrusaLinkRig(prusalink, tmp_path, port)
        async with rig.driver:
            yield rig
