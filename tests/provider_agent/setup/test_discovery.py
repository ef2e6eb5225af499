"""Hearing a real announcement, on the loopback alone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from zeroconf import ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from provider_agent.setup import discovery
from provider_agent.setup.announcements import Announced
from provider_agent.setup.discovery import listening, printers_announced

STRANGER = "infill-test stranger"


@asynccontextmanager
async def ear() -> AsyncIterator[AsyncZeroconf]:
    found = AsyncZeroconf(interfaces=["127.0.0.1"])
    try:
        yield found
    finally:
        await found.async_close()


async def announce(voice: AsyncZeroconf, kind: str, name: str, address: str, **told: str) -> None:
    info = ServiceInfo(
        kind,
        f"{name}.{kind}",
        5000,
        addresses=[socket.inet_aton(address)],
        properties=told,
        server=f"host-{address.replace('.', '-')}.local.",
    )
    await (await voice.async_register_service(info))


async def heard(*wanted: str) -> list[Announced]:
    """What is wanted, and strangers, once all that is wanted is heard: a busy machine may be slow to answer, and
    another one's test may speak meanwhile."""
    for seconds in (0.5, 2, 8, 32):
        async with ear() as listener:
            found = await printers_announced(listener, seconds)
        if set(wanted) <= {entry.name for entry in found}:
            return [entry for entry in found if entry.name in {*wanted, STRANGER}]
    raise AssertionError(f"{wanted} were not all heard; heard were {found}")


async def test_a_machine_without_network_has_no_ear(monkeypatch) -> None:
    def none() -> AsyncZeroconf:
        raise OSError(19, "No such device")

    monkeypatch.setattr(discovery, "AsyncZeroconf", none)
    async with listening() as found:
        assert found is None


async def test_silence_is_no_printer() -> None:
    async with ear() as listener:
        found = await printers_announced(listener, 0.1)
    assert [entry for entry in found if entry.name.startswith("workshop of charlie")] == []


async def test_what_announces_itself_is_found_and_what_points_outside_is_not() -> None:
    async with ear() as voice:
        await asyncio.gather(
            announce(voice, "_octoprint._tcp.local.", STRANGER, "8.8.8.8"),
            announce(voice, "_moonraker._tcp.local.", "infill-test voron", "192.168.77.5", path="/"),
            announce(voice, "_octoprint._tcp.local.", "infill-test octopi", "192.168.77.6", path="/octo"),
        )
        assert await heard("infill-test octopi", "infill-test voron") == [
            Announced("octoprint", "infill-test octopi", "http://192.168.77.6:5000/octo"),
            Announced("moonraker", "infill-test voron", "http://192.168.77.5:5000"),
        ]


async def test_one_address_is_one_printer() -> None:
    kinds = ("_octoprint._tcp.local.", "_http._tcp.local.", "_prusalink._tcp.local.")
    async with ear() as voice:
        await asyncio.gather(
            *(announce(voice, kind, "PrusaLink at infill-test", "192.168.77.7") for kind in kinds)
        )
        assert await heard("PrusaLink at infill-test") == [
            Announced("prusalink", "PrusaLink at infill-test", "http://192.168.77.7:5000")
        ]


async def test_of_a_crowd_no_more_are_looked_into_than_a_home_has(monkeypatch) -> None:
    monkeypatch.setattr(discovery, "MOST", 2)
    async with ear() as voice:
        names = [(f"crowd {number}", f"192.168.78.{number}") for number in range(1, 6)]
        kind = "_moonraker._tcp.local."
        await asyncio.gather(*(announce(voice, kind, name, address) for name, address in names))
        async with ear() as listener:
            assert len(await printers_announced(listener, 1)) <= 2
