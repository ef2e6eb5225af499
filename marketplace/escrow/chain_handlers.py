"""Whatever happens to logs of an agreement, the agreement is projected anew from all its logs."""

from marketplace.chain.handlers import Changed, register
from marketplace.escrow.rules import LOG_NAMES
from marketplace.escrow.services import agreements_project


def logs_changed(*, changed: Changed) -> None:
    """Runs in the follower's atomic block. What changed does not matter, only which logs there are now."""
    agreements_project(agreements=changed.agreements)


def register_all() -> None:
    """For the app's ready()."""
    register(LOG_NAMES, logs_changed)
