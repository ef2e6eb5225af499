"""A virtual printer served over real TCP within the test, and cut off as a power cut would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from provider_agent.drivers import driver_for
from provider_agent.drivers.base import Driver
from provider_agent.drivers.virtual.host import VirtualPrinter
from provider_agent.drivers.virtual.machine import Fault
from provider_agent.drivers.virtual.server import application, folders
from tests.processes import free_port
from tests.provider_agent.drivers.contract import silence
from tests.provider_agent.drivers.programs import square_layers
from tests.provider_agent.drivers.rigs import IMPATIENT_S

SPEED_UP = 300


class VirtualRig:
    """See contract.Rig."""

    def __init__(self, home: Path, silent_port: int) -> None:
        self.port = free_port()
        self.folder = folders(home, ["one"])[0]
        self.driver: Driver = driver_for("virtual", f"http://127.0.0.1:{self.port}/printers/one")
        self.short_print, self.long_print = home / "short.gcode", home / "long.gcode"
        self.short_print.write_text(square_layers(layers=3))
        self.long_print.write_text(square_layers(layers=1000, feed=20))
        self.printer: VirtualPrinter | None = None
        self._runner: web.AppRunner | None = None
        self._silent_port = silent_port

    async def server_up(self) -> None:
        self.printer = VirtualPrinter(self.folder)
        app = application([self.printer], SPEED_UP)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def server_down(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def break_printer(self) -> None:
        assert self.printer is not None
        self.printer.machine.inject(Fault.JAM)

    def unanswering(self) -> Driver:
        return driver_for("virtual", f"http://127.0.0.1:{self._silent_port}", timeout_s=IMPATIENT_S)

    def forbidden(self) -> None:
        return None

    def absent(self) -> Driver:
        return driver_for("virtual", f"http://127.0.0.1:{free_port()}")


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[VirtualRig]:
    async with silence() as port:
        rig = VirtualRig(tmp_path, port)
        await rig.server_up()
        async with rig.driver:
            yield rig
        await rig.server_down()
