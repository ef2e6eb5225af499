"""The real PrusaLink, one for all tests of this folder and clean for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.provider_agent.drivers.contract import silence
from tests.provider_agent.drivers.prusalink.server import PrusaLink
from tests.provider_agent.drivers.rigs import SoftwareRig

SHORT = "G28\n" + "G4 P100\n" * 15 + "G1 X10\n"
LONG = "G28\n" + "".join(f"G1 X{x % 50} F600\nG4 P100\n" for x in range(3000))


class PrusaLinkRig(SoftwareRig):
    """See contract.Rig."""

    kind = "prusalink"
    server: PrusaLink

    def __init__(self, server: PrusaLink, home: Path, silent_port: int) -> None:
        super().__init__(server, home, silent_port, short=SHORT, long=LONG)

    async def break_printer(self) -> None:
        self.server.press("runaway")


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
