"""Listening for printers that announce themselves (mDNS)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from provider_agent.setup.announcements import KINDS, Announced, announced_of

SECONDS: Final = 6.0
"""Bambu printers speak every five."""
ANSWER_MS: Final = 1500
MOST: Final = 32
"""Announcements looked into: more than one home has printers."""


@asynccontextmanager
async def listening() -> AsyncIterator[AsyncZeroconf | None]:
    """An ear on every interface; None where this machine has none to listen with."""
    try:
        ear = AsyncZeroconf()
    except OSError:
        yield None
        return
    try:
        yield ear
    finally:
        await ear.async_close()


async def printers_announced(ear: AsyncZeroconf, seconds: float = SECONDS) -> list[Announced]:
    """Printers that announce themselves within so many seconds, each address once, sorted by name."""
    heard: dict[tuple[str, str], None] = {}

    def on_change(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is not ServiceStateChange.Removed and len(heard) < MOST:
            heard[service_type, name] = None

    browser = AsyncServiceBrowser(ear.zeroconf, list(KINDS), handlers=[on_change])
    try:
        await asyncio.sleep(seconds)
    finally:
        await browser.async_cancel()
    found = await asyncio.gather(*(_asked(ear.zeroconf, kind, name) for kind, name in heard))
    known = {entry.url: entry for entry in found if entry is not None}
    return sorted(known.values(), key=lambda entry: (entry.name.lower(), entry.url))


async def _asked(zeroconf: Zeroconf, kind: str, name: str) -> Announced | None:
    info = AsyncServiceInfo(kind, name)
    if not await info.async_request(zeroconf, ANSWER_MS):
        return None
    told = {_text(key): _text(value) for key, value in info.properties.items()}
    return announced_of(kind, name.removesuffix(f".{kind}"), info.parsed_addresses(), info.port, told)


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else ""
