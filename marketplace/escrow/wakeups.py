"""What news sets in motion here."""

from collections.abc import Sequence

from marketplace.activity.models import Activity
from marketplace.escrow.tasks import dispatch

DISPATCHER_NEWS = ("mandate.stored", "mandate.dispatch_ended", "bid.received", "job.opened", "job.reopened")


def dispatch_soon(activities: Sequence[Activity]) -> None:
    """There may be something to award, or to award again."""
    dispatch.delay()
