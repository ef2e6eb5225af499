"""Names of the channel groups, and the one way to send to them from code that is not a consumer."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

AGENTS = "agents"
HOME = "home"


def agent_group(address: str) -> str:
    """Every agent of one provider."""
    return f"agent.{address}"


def job_group(job: UUID | str) -> str:
    """Everybody who watches one job."""
    return f"job.{job}"


Push = tuple[str, dict[str, Any]]
"""A group, and the message to it."""


def groups_push(pushes: Iterable[Push]) -> None:
    """Send to groups from synchronous code; for subscribers, whose failures are logged by activity."""
    if pushes := list(pushes):
        async_to_sync(_send)(pushes)


async def _send(pushes: list[Push]) -> None:
    layer = get_channel_layer()
    for group, message in pushes:
        await layer.group_send(group, message)
