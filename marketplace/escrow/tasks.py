"""What time alone brings about."""

from celery import shared_task

from marketplace.escrow.selectors import agreements_awaiting_grant
from marketplace.escrow.services import agreements_project


@shared_task(name="escrow.grant")
def grant() -> int:
    """Give the designs of agreements whose grace time has ended; says how many were looked at."""
    waiting = agreements_awaiting_grant()
    agreements_project(agreements=waiting)
    return len(waiting)
