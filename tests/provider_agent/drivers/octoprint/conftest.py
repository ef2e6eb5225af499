"""The real OctoPrint, one for all tests of this folder and clean for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.provider_agent.drivers.contract import silence
from tests.provider_agent.drivers.octoprint.server import OctoPrint
from tests.provider_agent.drivers.rigs import SoftwareRig

SHORT = "G28\n" + "G4 P200\n" * 12 + "G1 X10\n"
LONG = "G28\n" + "G4 P200\n" * 1000


class OctoPrintRig(SoftwareRig):
    """See contract.Rig."""

    kind = "octoprint"
    server: OctoPrint

    def __init__(self, server: OctoPrint, home: Path, silent_port: int) -> None:
        super().__init__(server, home, silent_port, short=SHORT, long=LONG)

    async def break_printer(self) -> None:
        self.server.send("!!DEBUG:trigger_fatal_error_marlin")


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
