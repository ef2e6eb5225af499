"""Getting a key: refused, left unanswered, allowed."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from provider_agent.drivers import driver_for
from provider_agent.drivers.errors import PairingRefused, PrinterMisspoke, PrinterUnreachable
from provider_agent.drivers.octoprint.pairing import pair
from tests.processes import free_port
from tests.provider_agent.drivers.octoprint.server import OctoPrint


async def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(PrinterUnreachable):
        await pair(f"http://127.0.0.1:{free_port()}")


async def test_a_server_without_application_keys_is_named() -> None:
    async with TestServer(web.Application()) as server:
        with pytest.raises(PrinterMisspoke, match="application keys"):
            await pair(str(server.make_url("/")))


@pytest.mark.printers
async def test_an_owner_who_says_no_is_a_refusal(octoprint: OctoPrint) -> None:
    asked = asyncio.create_task(pair(octoprint.url, app="Infill of Bo"))
    await decide(octoprint, "Infill of Bo", allowed=False)
    with pytest.raises(PairingRefused, match="did not allow"):
        await asked


@pytest.mark.printers
async def test_an_owner_who_says_nothing_is_a_refusal(octoprint: OctoPrint) -> None:
    with pytest.raises(PairingRefused, match="nobody answered"):
        await pair(octoprint.url, app="Infill of Charlie", seconds=0.5)


@pytest.mark.printers
async def test_the_key_that_was_allowed_opens_the_printer(octoprint: OctoPrint) -> None:
    asked = asyncio.create_task(pair(octoprint.url))
    await decide(octoprint, "Infill", allowed=True)
    async with driver_for("octoprint", octoprint.url, secret=await asked) as driver:
        assert (await driver.identify()).software == "OctoPrint 1.11.8"


async def decide(server: OctoPrint, app: str, *, allowed: bool) -> None:
    """The owner, in OctoPrint's own page."""
    while not (tokens := asked_by(server, app)):
        await asyncio.sleep(0.1)
    server.post(f"plugin/appkeys/decision/{tokens[0]}", decision=allowed).raise_for_status()


def asked_by(server: OctoPrint, app: str) -> list[str]:
    pending = server.get("api/plugin/appkeys")["pending"]
    return [token for token, question in pending.items() if question["app_id"] == app]
