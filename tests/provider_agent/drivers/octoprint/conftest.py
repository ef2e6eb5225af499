"""The real OctoPrint, one for all tests of this folder and clean for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from provider_agent.drivers import driver_for
from provider_agent.drivers.base import Driver
from tests.provider_agent.drivers.contract import silence
from tests.provider_agent.drivers.octoprint.server import KEY, OctoPrint


class OctoPrintRig:
    """See contract.Rig."""

    def __init__(self, server: OctoPrint, home: Path, silent_port: int) -> None:
        self.server = server
        self.driver: Driver = driver_for("octoprint", server.url, secret=KEY)
        self.short_print, self.long_print = home / "short.gcode", home / "long.gcode"
        self.short_print.write_text("G28\n" + "G4 P200\n" * 12 + "G1 X10\n")
        self.long_print.write_text("G28\n" + "G4 P200\n" * 1000)
        self._silent_port = silent_port

    async def server_up(self) -> None:
        self.server.up()

    async def server_down(self) -> None:
        self.server.kill()

    async def break_printer(self) -> None:
        self.server.send("!!DEBUG:trigger_fatal_error_marlin")

    def unanswering(self) -> Driver:
        return driver_for("octoprint", f"http://127.0.0.1:{self._silent_port}", secret=KEY, timeout_s=0.3)


@pytest.fixture(scope="session")
def octoprint_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OctoPrint]:
    """Use `octoprint`."""
    server = OctoPrint(tmp_path_factory.mktemp("octoprint"))
    yield server
    server.close()


@pytest.fixture
def octoprint(octoprint_session: OctoPrint) -> OctoPrint:
    """Up, connected to its virtual printer, with nothing on it."""
    octoprint_session.ready()
    return octoprint_session


@pytest.fixture
async def rig(octoprint: OctoPrint, tmp_path: Path) -> AsyncIterator[OctoPrintRig]:
    async with silence() as port:
        rig = OctoPrintRig(octoprint, tmp_path, port)
        async with rig.driver:
            yield rig
