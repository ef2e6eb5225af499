"""The driver before a server that is not a virtual printer at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from protocol.statuses import PrinterStatus
from provider_agent.drivers import driver_for
from provider_agent.drivers.base import Driver, Unknown
from provider_agent.drivers.errors import PrinterMisspoke, UploadDamaged, UploadRefused
from tests.provider_agent.drivers.virtual.conftest import VirtualRig

NONSENSE = {
    "a web page": (200, "<html>hello</html>"),
    "a list": (200, "[1, 2]"),
    "an error": (500, "{}"),
}


@pytest.fixture(params=NONSENSE)
async def stranger(request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    status, text = NONSENSE[request.param]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server, driver_for("virtual", str(server.make_url("/"))) as driver:
        yield driver


async def test_nonsense_is_an_unknown_status_with_a_reason(stranger: Driver) -> None:
    now = await stranger.snapshot()
    assert now.status is PrinterStatus.UNKNOWN
    assert now.reason


async def test_nonsense_to_a_start_leaves_it_unknown(stranger: Driver) -> None:
    assert isinstance(await stranger.start("a.gcode", "a-1"), Unknown)
    assert isinstance(await stranger.pause(), Unknown)


async def test_nonsense_to_a_question_is_named(stranger: Driver, tmp_path: Path) -> None:
    model = tmp_path / "a.gcode"
    model.write_text("G28\n")
    with pytest.raises(PrinterMisspoke):
        await stranger.identify()
    with pytest.raises(PrinterMisspoke):
        await stranger.reconcile("a-1")
    with pytest.raises(PrinterMisspoke):
        await stranger.upload(model, "a.gcode")


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
