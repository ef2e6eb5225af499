"""A provider that raises its epoch withdraws its bids in that token, until the chain takes that back."""

from __future__ import annotations

import pytest

from marketplace.bidding.errors import BidEpoch
from marketplace.bidding.models import Bid, EpochBump, HotKeySet
from marketplace.bidding.services import bids_lose
from marketplace.bidding.voiding import bids_follow
from marketplace.chain.models import Block, Cursor, Log
from tests.bidding.chained import KEY, bump_epoch, set_key, standing, told
from tests.factories.deal import deal

__all__ = ["deal"]

WITHDRAWN = ("WITHDRAWN", "EpochChanged")


def test_the_epoch_in_another_token_withdraws_nothing(deal, bo, dee):
    deal.follow()
    bid = deal.bid(bo)
    bump_epoch(deal, bo, token=dee.address)
    assert standing(bid) == ("OPEN", "")


def test_a_higher_epoch_withdraws_the_providers_bids_alone(deal, ada, bo, charlie):
    set_key(deal, bo)
    bids = [deal.bid(bo), deal.bid(bo, key=KEY), deal.bid(charlie)]
    bump_epoch(deal, bo)
    assert [standing(bid) for bid in bids] == [WITHDRAWN, WITHDRAWN, ("OPEN", "")]
    shown = {bid["id"]: bid["withdrawn"] for bid in deal.reads(ada, f"jobs/{deal.job.pk}/bids").json()}
    assert "withdrew all its bids of that epoch" in shown[bids[0].pk]


def test_after_it_bids_are_of_the_new_epoch(deal, bo):
    bump_epoch(deal, bo)
    with pytest.raises(BidEpoch, match="of epoch 0, the provider is in epoch 1"):
        deal.bid(bo)
    assert deal.bid(bo, epoch=1).status == "OPEN"


def test_an_epoch_taken_back_opens_the_bids_again(deal, bo):
    deal.follow()
    bid = deal.bid(bo)
    deal.anvil.mine(2)
    bump_epoch(deal, bo)
    bump_epoch(deal, bo)
    for depth, expected in ((1, WITHDRAWN), (2, ("OPEN", ""))):
        deal.anvil.rpc("anvil_reorg", depth, [])
        deal.follow()
        assert standing(bid) == expected
    assert told(bid) == ["WITHDRAWN", "OPEN"]
    assert not EpochBump.objects.exists()
    deal.award(bid)


def test_a_final_epoch_keeps_its_bids_withdrawn_whatever_is_set_later(deal, bo):
    deal.follow()
    set_key(deal, bo)
    bid = deal.bid(bo, key=KEY)
    bump_epoch(deal, bo)
    deal.finalise()
    set_key(deal, bo)
    assert standing(bid) == WITHDRAWN


def test_an_awarded_bid_stays_awarded(deal, bo):
    deal.follow()
    bid = deal.bid(bo)
    deal.award(bid)
    bump_epoch(deal, bo)
    assert standing(bid) == ("AWARDED", "")


def test_an_award_taken_back_leaves_a_bid_of_an_old_epoch_withdrawn(deal, ada, bo):
    """The epoch is raised in the block that takes the award's place."""
    bid = deal.bid(bo)
    deal.anvil.mine(2)
    deal.follow()
    deal.award(bid)
    deal.anvil.rpc("anvil_reorg", 1, [])
    bump_epoch(deal, bo)
    assert standing(bid) == WITHDRAWN
    assert told(bid) == ["AWARDED", "OPEN", "WITHDRAWN"]


def test_what_is_lost_for_good_is_not_revived(deal, ada, bo, charlie):
    deal.follow()
    set_key(deal, bo)
    bid = deal.bid(bo, key=KEY)
    assert bids_lose(job=deal.job.pk) == 1
    set_key(deal, bo, until=0)
    set_key(deal, bo)
    assert standing(bid) == ("LOST", "")


def test_following_twice_changes_nothing_and_tells_nothing(deal, bo):
    set_key(deal, bo)
    bids = [deal.bid(bo, key=KEY), deal.bid(bo, key=KEY, bond=0)]
    set_key(deal, bo, bond_left=0)
    bump_epoch(deal, bo)

    def rows():
        kept = [model.objects.order_by("block", "log_index") for model in (HotKeySet, EpochBump)]
        return [[row.word for row in some] for some in kept], [standing(bid) for bid in bids]

    before, news = rows(), [told(bid) for bid in bids]
    assert bids_follow(bids=Bid.objects.all()) == 0
    for model in (Log, Block, Cursor):
        model.objects.all().delete()
    deal.follow()
    assert rows() == before
    assert [told(bid) for bid in bids] == news
