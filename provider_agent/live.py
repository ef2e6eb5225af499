"""The marketplace's WebSocket: wake-ups in, telemetry out. Nothing depends on a message arriving."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp

from provider_agent.errors import AgentError, MarketplaceUnreachable
from provider_agent.json_client import wait_seconds
from provider_agent.marketplace import Marketplace
from provider_agent.outage import Outage

PATH = "/ws/agent"
PING_SECONDS = 20.0
HEARTBEAT_SECONDS = 30.0
PACE_SECONDS = 0.5
"""Between messages: samples that come closer together go in one."""
SAMPLES_AT_ONCE = 100
MESSAGE_LIMIT = 1 << 20

Message = dict[str, Any]


class Live:
    """One connection, made again whenever it breaks. `on_message` must not raise."""

    def __init__(
        self,
        marketplace: Marketplace,
        *,
        on_message: Callable[[Message], None],
        on_connect: Callable[[], None],
    ) -> None:
        self._marketplace = marketplace
        self._on_message = on_message
        self._on_connect = on_connect
        self._samples: dict[str, Message] = {}
        self._something = asyncio.Event()
        self._outage = Outage(f"marketplace {marketplace.url}")

    def sample(self, serial: str, sample: Message) -> None:
        """Send a printer's sample when connected; of several that wait only the newest."""
        self._samples[serial] = sample
        self._something.set()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        refused = False
        while True:
            try:
                headers = await self._marketplace.headers(fresh=refused)
                await self._connection(headers)
                refused = False
            except aiohttp.WSServerHandshakeError as error:
                refused = error.status in (401, 403)
                self._outage.lost(MarketplaceUnreachable(f"it refuses the WebSocket ({error.status})"))
            except (aiohttp.ClientError, OSError, TimeoutError, AgentError) as error:
                self._outage.lost(error)
            await asyncio.sleep(wait_seconds(self._outage.failures))

    async def _connection(self, headers: dict[str, str]) -> None:
        place = "ws" + self._marketplace.url.removeprefix("http") + PATH
        async with self._marketplace.session.ws_connect(
            place, headers=headers, heartbeat=PING_SECONDS, max_msg_size=MESSAGE_LIMIT
        ) as socket:
            self._outage.back()
            self._on_connect()
            sender = asyncio.create_task(self._sender(socket))
            try:
                async for frame in socket:
                    if frame.type is aiohttp.WSMsgType.TEXT:
                        self._receive(frame.data)
            finally:
                sender.cancel()

    def _receive(self, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        if isinstance(message, dict):
            self._on_message(message)

    async def _sender(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            try:
                await asyncio.wait_for(self._something.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                await socket.send_json({"type": "heartbeat"})
            self._something.clear()
            while serials := list(self._samples)[:SAMPLES_AT_ONCE]:
                samples = [self._samples.pop(serial) for serial in serials]
                await socket.send_json({"type": "telemetry", "samples": samples})
            await asyncio.sleep(PACE_SECONDS)
