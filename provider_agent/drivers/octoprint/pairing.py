"""Getting a key of our own from OctoPrint: we ask, its owner says yes in OctoPrint's own pages."""

from __future__ import annotations

import asyncio
import time

from provider_agent.drivers.errors import PairingRefused, PrinterMisspoke
from provider_agent.drivers.http import JsonHttp, Reply

APPKEYS = "plugin/appkeys"
POLL_SECONDS = 1.0
TOO_MANY, TOO_MANY_SECONDS = 429, 5.0
"""OctoPrint takes three such questions a minute, five in ten minutes."""


async def pair(url: str, *, app: str = "Infill", seconds: float = 120.0) -> str:
    """The application key, once the owner has allowed it; waits for at most so many seconds.

    OctoPrint forgets a question that is not asked again within five seconds. Raises PairingRefused,
    PrinterUnreachable, PrinterMisspoke.
    """
    http = JsonHttp(url, timeout_s=5.0)
    try:
        return await _pair(http, app, time.monotonic() + seconds)
    finally:
        await http.close()


async def _pair(http: JsonHttp, app: str, deadline: float) -> str:
    if (await http.ask("GET", f"{APPKEYS}/probe")).status != 204:
        raise PrinterMisspoke(
            f"{http.url} hands out no application keys; is this OctoPrint, with its plugin on?"
        )
    asked = await _asked(http, app, deadline)
    token = asked.body.get("app_token")
    if not isinstance(token, str):
        raise PrinterMisspoke(f"{http.url} answered {asked.status} without a token")
    while time.monotonic() < deadline:
        decided = await http.ask("GET", f"{APPKEYS}/request/{token}")
        if decided.status == 404:
            raise PairingRefused(f"the owner of {http.url} did not allow it")
        key = decided.body.get("api_key")
        if isinstance(key, str):
            return key
        await asyncio.sleep(POLL_SECONDS)
    raise PairingRefused(
        f"nobody answered in OctoPrint at {http.url}: open its page, allow {app!r}, and try again"
    )


async def _asked(http: JsonHttp, app: str, deadline: float) -> Reply:
    """OctoPrint's answer to the question, once it takes one. Raises PairingRefused."""
    while (reply := await http.ask("POST", f"{APPKEYS}/request", json={"app": app})).status == TOO_MANY:
        if time.monotonic() > deadline:
            raise PairingRefused(f"OctoPrint at {http.url} was asked too often: try again in ten minutes")
        await asyncio.sleep(TOO_MANY_SECONDS)
    return reply
