"""Broker, storage and the pretend printer, one for all tests of this folder and clean for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from provider_agent.drivers.bambu.driver import BambuDriver
from provider_agent.drivers.base import Driver
from tests.provider_agent.drivers.bambu.printer import BROKEN, Printer
from tests.provider_agent.drivers.bambu.server import CODE, DEVICE, Bambu
from tests.provider_agent.drivers.contract import silence


class BambuRig:
    """See contract.Rig."""

    def __init__(self, server: Bambu, home: Path, silent_port: int) -> None:
        self.server = server
        self.driver: BambuDriver = self.another()
        self.short_print, self.long_print = home / "short.gcode", home / "long.gcode"
        self.short_print.write_text("G28\n" + "G4 P100\n" * 40)
        self.long_print.write_text("G28\n" + "G4 P100\n" * 100_000)
        self._silent_port = silent_port

    @property
    def printer(self) -> Printer:
        assert self.server.printer is not None
        return self.server.printer

    def another(self, **settings: Any) -> BambuDriver:
        """A driver of its own, with settings that differ."""
        usual = {"secret": CODE, "device": DEVICE, "certificate": self.server.certificate}
        url = settings.pop("url", self.server.url)
        return BambuDriver(url, ftps_port=self.server.ftps_port, **usual | settings)

    async def server_up(self) -> None:
        self.server.up()

    async def server_down(self) -> None:
        """Down, and heard of: what was on the line when it broke has been read."""
        self.server.kill()
        connection = self.driver._line._open
        while connection is not None and not connection._lost:
            await asyncio.sleep(0.01)

    async def break_printer(self) -> None:
        self.printer.change(gcode_state="FAILED", print_error=BROKEN)

    def unanswering(self) -> Driver:
        return self.another(url=f"https://127.0.0.1:{self._silent_port}", timeout_s=0.3)


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
