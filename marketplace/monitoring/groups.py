"""Names of the channel groups, and the one way to send to them from code that is not a consumer."""

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


def group_push(group: str, message: dict[str, Any]) -> None:
    """Send to a group from synchronous code; for subscribers, whose failures are logged by activity."""
    async_to_sync(get_channel_layer().group_send)(group, message)
