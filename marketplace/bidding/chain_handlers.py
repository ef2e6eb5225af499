"""Logs about epochs and hot keys withdraw bids, and awards lower what a hot key may still lock."""

from marketplace.bidding.authority_logs import KEPT
from marketplace.bidding.voiding import authority_follow
from marketplace.chain.handlers import Changed, register

LOG_NAMES = (*KEPT, "Awarded")


def logs_changed(*, changed: Changed) -> None:
    """Runs in the follower's atomic block, before agreements are projected."""
    authority_follow(changed=changed)


def register_all() -> None:
    """For the app's ready()."""
    register(LOG_NAMES, logs_changed)
