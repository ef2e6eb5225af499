"""Sweeping bids whose time is over, and closing the books of jobs whose bidding is."""

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from marketplace.bidding.book_selectors import jobs_to_book
from marketplace.bidding.books import book_close
from marketplace.bidding.selectors import market
from marketplace.bidding.services import bids_expire
from marketplace.bidding.voiding import bids_follow_time
from marketplace.chain.selectors import final_time
from protocol.statuses import JobStatus


@shared_task(name="bidding.expire")
def expire() -> int:
    """Expire what the chain can no longer award, withdraw what hot keys signed whose time is over.

    Says how many. Nothing expires before the follower's first step.
    """
    chain_time = final_time()
    return (bids_expire(chain_time=chain_time) if chain_time else 0) + bids_follow_time()


@shared_task(name="bidding.close_books")
def close_books() -> int:
    """Close the books of jobs that take no more bids; says how many jobs were looked at."""
    now = timezone.now()
    over = jobs_to_book(~Q(status=JobStatus.OPEN) | Q(bids_close_at__lte=now))
    for job in over:
        book_close(job=job, market=market(), now=now)
    return len(over)
