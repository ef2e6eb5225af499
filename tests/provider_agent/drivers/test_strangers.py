"""Every driver before a server that is not its kind of printer at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from protocol.statuses import PrinterStatus
from provider_agent.drivers import driver_for, kinds
from provider_agent.drivers.base import Accepted, Driver, Unknown
from provider_agent.drivers.errors import PrinterMisspoke, UploadRefused

NONSENSE = {
    "a web page": (200, "<html>hello</html>"),
    "a list": (200, "[1, 2]"),
    "an empty object": (200, "{}"),
    "an error": (500, "{}"),
    "a proxy's error": (502, "<html>bad gateway</html>"),
}


@pytest.fixture(params=product(kinds(), NONSENSE), ids=" ".join)
async def stranger(request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    kind, nonsense = request.param
    status, text = NONSENSE[nonsense]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server, driver_for(kind, str(server.make_url("/"))) as driver:
        yield driver


async def test_nonsense_is_an_unknown_status_with_a_reason(stranger: Driver) -> None:
    now = await stranger.snapshot()
    assert now.status is PrinterStatus.UNKNOWN
    assert now.reason


async def test_nonsense_never_makes_a_start(stranger: Driver) -> None:
    assert isinstance(await stranger.start("a.gcode", "a-1"), Unknown)


async def test_nonsense_to_a_question_is_named(stranger: Driver) -> None:
    with pytest.raises(PrinterMisspoke):
        await stranger.identify()
    with pytest.raises(PrinterMisspoke):
        await stranger.reconcile("a-1")


async def test_nonsense_to_a_command_is_not_believed(stranger: Driver) -> None:
    assert not isinstance(await stranger.recover(), Accepted)


async def test_nonsense_to_an_upload_is_named(stranger: Driver, tmp_path: Path) -> None:
    model = tmp_path / "a.gcode"
    model.write_text("G28\n")
    with pytest.raises((PrinterMisspoke, UploadRefused)):
        await stranger.upload(model, "a.gcode")
