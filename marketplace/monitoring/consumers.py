"""The agents' WebSocket: open jobs and changes out, telemetry and heartbeats in."""

import asyncio
import json
import random
import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from marketplace.monitoring.errors import MessageTooFast, NotYours
from marketplace.monitoring.groups import AGENTS, agent_group, job_group
from marketplace.monitoring.identity import bearer_person
from marketplace.monitoring.messages import hello, jobs_open_now
from marketplace.monitoring.recording import recorder
from marketplace.monitoring.rules import (
    COMPLAINTS_BURST,
    COMPLAINTS_PER_SECOND,
    MESSAGES_BURST,
    MESSAGES_PER_SECOND,
    Allowance,
    Every,
    message_of,
    telemetry_of,
)
from marketplace.monitoring.selectors import job_of_agreement, owns_printer
from marketplace.monitoring.services import presence_touch
from marketplace.providers.selectors import has_printer
from protocol.errors import InfillError

POLICY_VIOLATION = 1008
SEND_SECONDS = 10
"""A client that does not take a message for this long is let go; its next connection starts anew."""
PRESENCE_SECONDS, KEEP_SECONDS, FORWARD_SECONDS = 20.0, 5.0, 0.5


class AgentConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One agent. Everything sent is a wake-up: the truth is REST and the chain."""

    async def connect(self) -> None:
        person = await bearer_person(self.scope, "bids")
        if person is None:
            await self.close()
            return
        self.address: str = person.address
        self.allowance = Allowance(MESSAGES_PER_SECOND, MESSAGES_BURST)
        self.complaints = Allowance(COMPLAINTS_PER_SECOND, COMPLAINTS_BURST)
        # After a restart all agents connect at once: without a spread all would be kept in the same second.
        self.presence, self.kept, self.forwarded = (
            Every(each, random.random) for each in (PRESENCE_SECONDS, KEEP_SECONDS, FORWARD_SECONDS)
        )
        self.known_printers: set[str] = set()
        self.known_jobs: dict[str, str] = {}
        # Groups before the list of jobs: one that opens meanwhile is sent twice rather than never.
        for group in (AGENTS, agent_group(self.address)):
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        await self._touch()
        await self._say(hello())
        await self._open_jobs()

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "address"):
            for group in (AGENTS, agent_group(self.address)):
                await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            self.allowance.take(time.monotonic())
            message = message_of(text_data)
            await self._touch()
            if message.get("type") != "heartbeat":
                await self._telemetry(telemetry_of(message))
        except InfillError as error:
            await self._complain(error)

    async def _telemetry(self, samples: list[dict[str, Any]]) -> None:
        """All of them are kept, or none is where one is not this agent's to tell."""
        now = time.monotonic()
        self.allowance.take(now, len(samples) - 1)
        for sample in samples:
            await self._own_printer(sample["printer"])
            if sample["agreement"]:
                await self._own_job(sample["agreement"])
        newest = [each for each in samples if self.kept.due(each["printer"], now, each["status"])]
        await recorder().keep(samples, newest)
        for sample in samples:
            await self._forward(sample, now)

    async def _forward(self, sample: dict[str, Any], now: float) -> None:
        agreement = sample["agreement"]
        if agreement and self.forwarded.due(sample["printer"], now, sample["status"]):
            live = {"type": "live.telemetry", "sample": sample}
            await self.channel_layer.group_send(job_group(self.known_jobs[agreement]), live)

    async def _own_printer(self, printer: str) -> None:
        if printer not in self.known_printers:
            if not await database_sync_to_async(owns_printer)(self.address, printer):
                raise NotYours("You have registered no printer with this digest.")
            self.known_printers.add(printer)

    async def _own_job(self, agreement: str) -> None:
        if agreement not in self.known_jobs:
            job = await database_sync_to_async(job_of_agreement)(agreement, self.address)
            if job is None:
                raise NotYours("No agreement of yours has this id.")
            self.known_jobs[agreement] = job

    async def _touch(self) -> None:
        if not self.presence.due(self.address, time.monotonic()):
            return
        if await bearer_person(self.scope, "bids") is None:
            await self.close(code=POLICY_VIOLATION)
            return
        await database_sync_to_async(presence_touch)(address=self.address)

    async def _complain(self, error: InfillError) -> None:
        try:
            self.complaints.take(time.monotonic())
        except MessageTooFast:
            await self.close(code=POLICY_VIOLATION)
        else:
            await self._say({"type": "error", "code": error.code, "detail": str(error)})

    async def _has_printer(self) -> bool:
        return bool(await database_sync_to_async(has_printer)(self.address))

    async def _open_jobs(self) -> None:
        """Specs go to providers alone: a person without a printer gets them once one is registered."""
        if await self._has_printer():
            for message in await database_sync_to_async(jobs_open_now)():
                await self._say(message)

    async def _say(self, message: dict[str, Any]) -> None:
        try:
            await asyncio.wait_for(self.send(text_data=json.dumps(message)), SEND_SECONDS)
        except TimeoutError:
            await self.close(code=POLICY_VIOLATION)

    async def agent_say(self, event: dict[str, Any]) -> None:
        """From a group: pass a message on."""
        await self._say(event["message"])

    async def agent_job(self, event: dict[str, Any]) -> None:
        """From a group: pass an open job on, to a provider whose token still stands."""
        if await bearer_person(self.scope, "bids") and await database_sync_to_async(has_printer)(
            self.address
        ):
            await self._say(event["message"])

    async def agent_registered(self, event: dict[str, Any]) -> None:
        """From a group: this person registered a printer."""
        await self._open_jobs()
