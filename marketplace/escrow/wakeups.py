"""What news sets in motion here."""

from marketplace.escrow.tasks import dispatch

DISPATCHER_NEWS = ("mandate.stored", "mandate.dispatch_ended", "bid.received", "job.opened", "job.reopened")


def dispatch_soon(_: object) -> None:
    """There may be something to award, or to award again."""
    dispatch.delay()
