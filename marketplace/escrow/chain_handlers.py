"""Whatever happens to a log of an agreement, the agreement is projected anew from all its logs."""

from marketplace.chain.handlers import Change, register
from marketplace.chain.models import Log
from marketplace.escrow.rules import LOG_NAMES
from marketplace.escrow.services import agreement_project


def log_changed(*, log: Log, change: Change) -> None:
    """Runs in the follower's atomic block. What changed does not matter, only which logs there are now."""
    agreement_project(agreement=log.agreement)


def register_all() -> None:
    """For the app's ready()."""
    for name in LOG_NAMES:
        register(name, log_changed)
