"""Whether a print counts depends on its agreement: final awards do, and those taken back no longer."""

from marketplace.chain.handlers import Changed, register
from marketplace.escrow.rules import LOG_NAMES
from marketplace.evidence.prints import prints_follow


def agreements_changed(*, changed: Changed) -> None:
    """Runs in the follower's atomic block, after the agreements were projected."""
    prints_follow(agreements=changed.agreements)


def register_all() -> None:
    """For the app's ready()."""
    register(LOG_NAMES, agreements_changed)
