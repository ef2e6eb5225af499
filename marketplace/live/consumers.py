"""The browsers' WebSockets: they only listen."""

import asyncio
import json
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from marketplace.live.selectors import may_watch
from marketplace.monitoring.groups import HOME, job_group
from marketplace.monitoring.identity import person_of

POLICY_VIOLATION = 1008
SEND_SECONDS = 10


class ListenConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Joins one group and passes on what it is sent there. A client that talks is let go."""

    group: str | None = None

    async def connect(self) -> None:
        group = await self.group_allowed()
        if group is None:
            await self.close()
            return
        await self.channel_layer.group_add(group, self.channel_name)
        self.group = group
        await self.accept()

    async def group_allowed(self) -> str | None:
        """The group this client may listen to, or None to refuse it."""
        raise NotImplementedError

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.close(code=POLICY_VIOLATION)

    async def live_changed(self, event: dict[str, Any]) -> None:
        """From the group: something changed."""
        await self._say(event["message"])

    async def live_telemetry(self, event: dict[str, Any]) -> None:
        """From the group: a sample of the printer that makes the job."""
        await self._say({"type": "telemetry", **event["sample"]})

    async def _say(self, message: dict[str, Any]) -> None:
        try:
            await asyncio.wait_for(self.send(text_data=json.dumps(message)), SEND_SECONDS)
        except TimeoutError:
            await self.close(code=POLICY_VIOLATION)


class HomeConsumer(ListenConsumer):
    """For anyone: which counts changed."""

    async def group_allowed(self) -> str | None:
        return HOME


class JobConsumer(ListenConsumer):
    """For a job's designer and the providers who bid on it."""

    async def group_allowed(self) -> str | None:
        job: UUID = self.scope["url_route"]["kwargs"]["job"]
        person = await person_of(self.scope, "read")
        if person is None or not await database_sync_to_async(may_watch)(job, person.address):
            return None
        return job_group(job)
