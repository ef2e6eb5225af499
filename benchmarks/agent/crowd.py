"""Agents as a marketplace meets them: one socket each, a report of all its printers a second."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

PROBE_SECONDS = 12.0
"""Between probes of one agent: a marketplace answers one wrong message in ten seconds."""
PROBE = json.dumps({"type": "probe"})
LAG_SECONDS = 0.02


@dataclass(frozen=True)
class Member:
    """One agent: its token, and the digests of its printers."""

    token: str
    printers: tuple[str, ...]


@dataclass
class Heard:
    """What all agents sent, and how long (seconds) until what was sent before a probe was stored; `lags`: how
    late the agents' own event loop was meanwhile, which is in each wait. `processor_s`: what they used."""

    samples: int = 0
    waits: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    processor_s: float = 0.0

    def wait_at(self, share: float) -> float:
        """The wait that so many of all do not exceed."""
        return _at(self.waits, share)

    def lag_at(self, share: float) -> float:
        """The lag that so many of all do not exceed."""
        return _at(self.lags, share)


async def crowd(url: str, members: Sequence[Member], seconds: float) -> Heard:
    """Connect all, then report for so long."""
    ready = asyncio.Barrier(len(members) + 1)
    limits = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=limits) as session:
        agents = _Agents(session, f"ws{url.removeprefix('http')}/ws/agent", seconds, ready)
        async with asyncio.TaskGroup() as group:
            for member in members:
                group.create_task(agents.run(member))
            await ready.wait()
            before = time.process_time()
            lagging = asyncio.create_task(_lag(agents.heard.lags))
        lagging.cancel()
    agents.heard.processor_s = time.process_time() - before
    return agents.heard


async def _lag(lags: list[float]) -> None:
    while True:
        start = time.monotonic()
        await asyncio.sleep(LAG_SECONDS)
        lags.append(time.monotonic() - start - LAG_SECONDS)


def _at(seconds: Sequence[float], share: float) -> float:
    return sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]


@dataclass
class _Agents:
    """What they have in common. `ready` is reached by all before one reports."""

    session: aiohttp.ClientSession
    place: str
    seconds: float
    ready: asyncio.Barrier
    heard: Heard = field(default_factory=Heard)

    async def run(self, member: Member) -> None:
        headers = {"Authorization": f"Bearer {member.token}"}
        async with self.session.ws_connect(self.place, headers=headers) as socket:
            await socket.receive_json()
            await self.ready.wait()
            # Agents are not started together.
            await asyncio.sleep(random.random())
            await self._talk(socket, member)

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse, member: Member) -> None:
        """A report is stored before the next message is read: the answer to a wrong one tells when."""
        began = time.monotonic()
        probe_at = began + random.random() * PROBE_SECONDS
        for turn in range(int(self.seconds)):
            await asyncio.sleep(max(0.0, began + turn - time.monotonic()))
            start = time.monotonic()
            await socket.send_str(_report(member, turn))
            self.heard.samples += len(member.printers)
            if start >= probe_at:
                await _probe(socket)
                self.heard.waits.append(time.monotonic() - start)
                probe_at += PROBE_SECONDS
        await _probe(socket)


def _report(member: Member, turn: int) -> str:
    now = int(time.time())
    samples = [
        {
            "printer": printer,
            "agreement": None,
            "status": "PRINTING",
            "progress": turn % 1000 / 1000,
            "layer": turn,
            "nozzle_c": 215.3,
            "bed_c": 60.1,
            "position_um": [turn * 1000 % 220_000, 110_000, turn * 200],
            "observed_at": now,
        }
        for printer in member.printers
    ]
    return json.dumps({"type": "telemetry", "samples": samples})


async def _probe(socket: aiohttp.ClientWebSocketResponse) -> None:
    await socket.send_str(PROBE)
    message = await socket.receive_json(timeout=60)
    if message.get("code") != "message-unknown":
        raise RuntimeError(f"the marketplace refuses what an agent reports: {message}")
