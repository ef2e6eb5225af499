"""The driver before a server that does not do as a virtual printer would."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from protocol.statuses import PrinterStatus
from provider_agent.drivers import driver_for
from provider_agent.drivers.base import Definition
from provider_agent.drivers.errors import PrinterMisspoke, UploadDamaged, UploadRefused
from tests.provider_agent.drivers.virtual.conftest import VirtualRig


async def test_a_printer_that_stored_something_else_is_found_out(tmp_path: Path) -> None:
    model = tmp_path / "a.gcode"
    model.write_text("G28\n")

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"name": "a.gcode", "bytes": 4, "sha256": "0" * 64}, status=201)

    app = web.Application()
    app.router.add_post("/files/a.gcode", answer)
    async with TestServer(app) as server, driver_for("virtual", str(server.make_url("/"))) as driver:
        with pytest.raises(UploadDamaged):
            await driver.upload(model, "a.gcode")


@pytest.mark.parametrize("name", ["../x", "a?b=c", "a b.gcode", "a/b"])
async def test_a_name_that_is_no_file_name_is_refused(rig: VirtualRig, name: str) -> None:
    with pytest.raises((UploadRefused, PrinterMisspoke)):
        await rig.driver.upload(rig.short_print, name)
    assert (await rig.driver.snapshot()).status is PrinterStatus.READY


@pytest.mark.parametrize(
    "told", [{}, {"bed_um": [1, 2], "nozzle_um": 400}, {"bed_um": [1, 2, "x"], "nozzle_um": 4}]
)
async def test_a_definition_that_is_none_is_named(told: dict[str, object]) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(told)

    app = web.Application()
    app.router.add_get("/definition", answer)
    async with TestServer(app) as server, driver_for("virtual", str(server.make_url("/"))) as driver:
        with pytest.raises(PrinterMisspoke, match="is this a virtual printer"):
            await driver.definition()


async def test_its_printer_toml_is_told(rig: VirtualRig) -> None:
    assert await rig.driver.definition() == Definition((220_000, 220_000, 250_000), 400)
