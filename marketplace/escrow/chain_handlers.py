"""Whatever happens to logs, what they are about is written anew from all its logs: agreements, mandates."""

from itertools import chain

from django.utils import timezone

from marketplace.chain.handlers import Changed, register
from marketplace.escrow.dispatching import dispatches_follow
from marketplace.escrow.mandate_selectors import REVOKED, USED, mandates_named
from marketplace.escrow.mandates import mandates_project, mandates_wake
from marketplace.escrow.rules import LOG_NAMES
from marketplace.escrow.services import agreements_project


def logs_changed(*, changed: Changed) -> None:
    """Runs in the follower's atomic block. What changed does not matter, only which logs there are now."""
    agreements_project(agreements=changed.agreements)


def mandates_changed(*, changed: Changed) -> None:
    """Runs after the agreements were projected, by which a mandate's logs are found."""
    named = mandates_named(chain(changed.removed, changed.added, changed.final))
    if named:
        mandates_project(mandates=named)
    dispatches_follow(agreements=changed.agreements)
    mandates_wake(agreements=changed.agreements, mandates=named, now=timezone.now())


def register_all() -> None:
    """For the app's ready()."""
    register(LOG_NAMES, logs_changed)
    register({*LOG_NAMES, USED, REVOKED}, mandates_changed)
