"""Sweeping bids whose time is over."""

from celery import shared_task

from marketplace.bidding.services import bids_expire
from marketplace.chain.selectors import final_time


@shared_task(name="bidding.expire")
def expire() -> int:
    """Expire what the chain can no longer award; says how many. Nothing before the follower's first step."""
    chain_time = final_time()
    return bids_expire(chain_time=chain_time) if chain_time else 0
