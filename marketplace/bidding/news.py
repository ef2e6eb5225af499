"""What others are told of bids."""

from marketplace.activity.services import activity_record
from marketplace.bidding.models import Bid
from protocol.statuses import BidStatus


def bid_changed_record(bid: Bid, status: BidStatus) -> None:
    """A bid has another status now, in the caller's atomic block."""
    activity_record(
        kind="bid.changed",
        subject=f"job:{bid.job_id}",
        data={"bid": bid.pk, "provider": bid.provider_id, "status": status.value},
    )
