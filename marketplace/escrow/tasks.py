"""What time alone brings about, and the dispatcher. A message is only a wake-up for a sweep."""

import logging

from celery import shared_task
from django.utils import timezone

from marketplace.chain.errors import ChainError
from marketplace.escrow.dispatcher import dispatch_due
from marketplace.escrow.mandates import mandates_end
from marketplace.escrow.selectors import agreements_awaiting_grant
from marketplace.escrow.services import agreements_project

logger = logging.getLogger(__name__)


@shared_task(name="escrow.grant")
def grant() -> int:
    """Give the designs of agreements whose grace time has ended; says how many were looked at."""
    waiting = agreements_awaiting_grant()
    agreements_project(agreements=waiting)
    return len(waiting)


@shared_task(name="escrow.dispatch")
def dispatch() -> int:
    """Award under mandates, and end those that are over; says how many were looked at.

    While the node is away all stays as it is.
    """
    try:
        looked = dispatch_due(now=timezone.now())
    except ChainError as error:
        if error.permanent:
            raise
        logger.warning("the dispatcher waits: %s", error)
        return 0
    return looked + mandates_end()
