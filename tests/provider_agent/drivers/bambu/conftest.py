"""Broker, storage and the pretend printer, one for all tests of this folder and clean for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from provider_agent.drivers.bambu.driver import BambuDriver
from tests.provider_agent.drivers.bambu.printer import BROKEN, Printer
from tests.provider_agent.drivers.bambu.server import CODE, DEVICE, Bambu
from tests.provider_agent.drivers.contract import silence
from tests.provider_agent.drivers.rigs import PATIENT_S, SoftwareRig

SHORT = "G28\n" + "G4 P100\n" * 40
LONG = "G28\n" + "G4 P100\n" * 100_000


class BambuRig(SoftwareRig):
    """See contract.Rig."""

    kind = "bambu"
    server: Bambu
    driver: BambuDriver

    def __init__(self, server: Bambu, home: Path, silent_port: int) -> None:
        super().__init__(server, home, silent_port, short=SHORT, long=LONG)

    @property
    def printer(self) -> Printer:
        assert self.server.printer is not None
        return self.server.printer

    def another(
        self, url: str | None = None, timeout_s: float = PATIENT_S, **settings: str | None
    ) -> BambuDriver:
        """A driver of its own, with settings that differ."""
        usual = {"secret": CODE, "device": DEVICE, "certificate": self.server.certificate}
        return BambuDriver(
            url or self.server.url,
            timeout_s=timeout_s,
            ftps_port=self.server.ftps_port,
            **usual | settings,
        )

    async def server_down(self) -> None:
        """Down, and heard of: what was on the line when it broke has been read."""
        await super().server_down()
        connection = self.driver._line._open
        while connection is not None and not connection._lost:
            await asyncio.sleep(0.01)

    async def break_printer(self) -> None:
        self.printer.change(gcode_state="FAILED", print_error=BROKEN)


@pytest.fixture(scope="session")
def bambu_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bambu]:
    """Use `bambu`."""
    server = Bambu(tmp_path_factory.mktemp("bambu"))
    yield server
    server.close()


@pytest.fixture
def bambu(bambu_session: Bambu) -> Bambu:
    """Just switched on, with nothing on it."""
    bambu_session.ready()
    return bambu_session


@pytest.fixture
async def rig(bambu: Bambu, tmp_path: Path) -> AsyncIterator[BambuRig]:
    async with silence() as port:
        rig = BambuRig(bambu, tmp_path, port)
        async with rig.driver:
            yield rig
