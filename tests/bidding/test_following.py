"""After it is received a bid follows the chain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.activity.models import Activity
from marketplace.bidding.models import Bid
from marketplace.bidding.services import bid_award, bid_reopen, bids_expire, bids_lose
from marketplace.bidding.tasks import expire
from marketplace.chain.models import Block, Cursor
from protocol.statuses import BidStatus
from tests.factories.market import CHAIN_ID, ESCROW, opened, received, registered


@pytest.fixture
def bids(place, ada, bo, charlie):
    job = opened(ada)
    return received(bo, job, registered(bo)), received(charlie, job, registered(charlie))


def status_of(bid):
    return Bid.objects.get(pk=bid.pk).status


def told(bid):
    rows = Activity.objects.filter(kind="bid.changed", data__bid=bid.pk).order_by("id")
    return [(row.data["status"], row.data["provider"]) for row in rows]


def test_an_award_of_a_bid_never_received_is_not_ours(bids):
    assert bid_award(agreement="0x" + "99" * 32) is None
    assert {status_of(bid) for bid in bids} == {"OPEN"}


def test_a_bid_that_was_not_awarded_is_not_reopened(bids):
    Bid.objects.filter(pk=bids[0].pk).update(status=BidStatus.LOST)
    assert bid_reopen(agreement=bids[0].pk) is None
    assert status_of(bids[0]) == "LOST"


def test_an_award_seen_twice_is_told_once(bids, bo):
    for _ in range(2):
        assert bid_award(agreement=bids[0].pk) == bids[0]
    assert told(bids[0]) == [("AWARDED", bo.address)]


def test_a_reorganisation_reopens_the_bid(bids):
    bid_award(agreement=bids[0].pk)
    bid_reopen(agreement=bids[0].pk)
    assert status_of(bids[0]) == "OPEN"


def test_the_chain_outranks_what_we_thought_of_a_bid(bids):
    Bid.objects.filter(pk=bids[0].pk).update(status=BidStatus.EXPIRED)
    bid_award(agreement=bids[0].pk)
    assert status_of(bids[0]) == "AWARDED"


def test_a_final_award_makes_losers_of_the_rest(bids, charlie):
    bid_award(agreement=bids[0].pk)
    assert bids_lose(job=bids[0].job_id) == 1
    assert [status_of(bid) for bid in bids] == ["AWARDED", "LOST"]
    assert told(bids[1]) == [("LOST", charlie.address)]
    assert bids_lose(job=bids[0].job_id) == 0


def test_bids_do_not_expire_before_the_chain_is_past_them(bids):
    assert bids_expire(chain_time=bids[0].valid_until) == 0
    assert status_of(bids[0]) == "OPEN"


def test_the_sweep_waits_for_the_follower(bids):
    Bid.objects.update(valid_until=timezone.now() - timedelta(days=1))
    assert expire() == 0


def test_the_sweep_expires_what_the_final_block_has_passed(bids):
    passed = bids[0].valid_until + timedelta(seconds=1)
    cursor = Cursor.objects.create(chain_id=CHAIN_ID, escrow=ESCROW, seen=9, final=8)
    Block.objects.create(cursor=cursor, number=8, digest="0x08", time=timezone.now())
    Block.objects.create(cursor=cursor, number=9, digest="0x09", time=passed)
    assert expire() == 0, "block 9 is seen but not final"
    Cursor.objects.update(final=9)
    Bid.objects.filter(pk=bids[1].pk).update(valid_until=passed + timedelta(hours=1))
    assert expire() == 1
    assert [status_of(bid) for bid in bids] == ["EXPIRED", "OPEN"]
    assert expire() == 0
