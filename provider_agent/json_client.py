"""JSON over HTTP to the marketplace: retries, and typed errors out of RFC 9457 problems."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from provider_agent.errors import MarketplaceRefused, MarketplaceUnreachable

TRIES = 3
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0
TIMEOUT = aiohttp.ClientTimeout(total=30)
FILE_TIMEOUT = aiohttp.ClientTimeout(total=3600, sock_connect=30, sock_read=30)
"""A large model over a slow line takes its time, as long as it keeps coming."""
BUSY = frozenset({429, 502, 503, 504})


def wait_seconds(failures: int) -> float:
    """How long to wait after so many failures in a row: doubling, up to a minute."""
    return float(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(failures, 10)))


class JsonClient:
    """Requests below one base URL. All that the agent sends may be sent twice, so each is retried."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def request(
        self, method: str, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """The JSON of a 2xx answer. Raises MarketplaceRefused; MarketplaceUnreachable after three tries."""
        for tried in range(TRIES):
            try:
                async with self.answer(method, path, body=body, headers=headers) as response:
                    return await _json(response)
            except MarketplaceUnreachable:
                if tried + 1 == TRIES:
                    raise
                await asyncio.sleep(wait_seconds(tried))
        raise AssertionError("the last try returns or raises")

    @asynccontextmanager
    async def answer(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: aiohttp.ClientTimeout | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One 2xx answer, its body unread. Raises MarketplaceRefused or MarketplaceUnreachable."""
        place = path if path.startswith("http") else self.url + path
        try:
            async with self.session.request(
                method, place, json=body, headers=headers, timeout=timeout or TIMEOUT, allow_redirects=False
            ) as response:
                if not response.ok or response.status >= 300:
                    raise await _problem(response)
                yield response
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            problem = error or type(error).__name__
            raise MarketplaceUnreachable(f"{self.url} does not answer ({problem}); trying again") from error


async def _json(response: aiohttp.ClientResponse) -> Any:
    data = await response.read()
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError as error:
        raise MarketplaceUnreachable(
            f"{response.url} answers what is no JSON: is this a marketplace?"
        ) from error


async def _problem(response: aiohttp.ClientResponse) -> MarketplaceRefused | MarketplaceUnreachable:
    text = (await response.text(errors="replace"))[:10_000]
    if response.status in BUSY or response.status >= 500:
        return MarketplaceUnreachable(f"{response.url} answers {response.status}; trying again")
    try:
        body = json.loads(text)
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    known = {"type", "title", "status", "detail", "code"}
    extra = {name: value for name, value in body.items() if name not in known}
    detail = str(body.get("detail") or body.get("title") or response.reason or "no reason given")
    return MarketplaceRefused(response.status, str(body.get("code", "unknown")), detail, extra)
