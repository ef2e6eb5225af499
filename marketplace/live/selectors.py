"""Who may watch what."""

from uuid import UUID

from marketplace.bidding.selectors import has_bid
from marketplace.jobs.models import Job


def may_watch(job: UUID, person: str) -> bool:
    """Whether a person is a job's designer or has a bid on it."""
    return Job.objects.filter(pk=job, designer=person).exists() or has_bid(job, person)
