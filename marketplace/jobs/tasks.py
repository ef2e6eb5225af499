"""Jobs move on by themselves. A message is only a wake-up: the sweeps run the same services."""

from celery import shared_task
from django.utils import timezone

from marketplace.jobs.estimates import jobs_estimate
from marketplace.jobs.services import jobs_expire, jobs_settle


@shared_task(name="jobs.settle")
def settle() -> int:
    """Open or refuse jobs whose designs are measured or refused."""
    return jobs_settle(now=timezone.now())


@shared_task(name="jobs.estimate")
def estimate() -> int:
    """Put open jobs' estimates on the slices that have arrived."""
    return jobs_estimate()


@shared_task(name="jobs.expire")
def expire() -> int:
    """End open jobs whose deadline has passed."""
    return jobs_expire(now=timezone.now())
