"""A bid may be signed by a hot key that its provider set on chain, within the limits set there."""

from __future__ import annotations

import pytest

from contracts.views import Agents
from marketplace.bidding.errors import BidEpoch, BidKeyBond, BidKeyNotSet
from marketplace.bidding.models import Bid
from marketplace.bidding.selectors import standings_of
from marketplace.bidding.tasks import expire
from marketplace.chain.nodes import client as node
from marketplace.chain.selectors import chain_now
from protocol.units import ZERO_ADDRESS, Wei, address_of, time_of
from tests.bidding.chained import DAY, HOUR, KEY, revoke_key, set_key, standing, told
from tests.factories.deal import BOND, deal

__all__ = ["deal"]

WITHDRAWN = ("WITHDRAWN", "SignerNotAllowed")


def test_a_key_that_nobody_set_signs_no_bid(deal, bo):
    deal.follow()
    with pytest.raises(BidKeyNotSet, match=f"{KEY.address} is no live hot key of {bo.address}"):
        deal.bid(bo, key=KEY)
    assert not Bid.objects.exists()


def test_another_providers_hot_key_signs_no_bid(deal, bo, charlie):
    set_key(deal, charlie)
    with pytest.raises(BidKeyNotSet):
        deal.bid(bo, key=KEY)


def test_a_hot_key_in_another_token_signs_no_bid_in_this_one(deal, bo, dee):
    set_key(deal, bo, token=address_of(dee.address))
    with pytest.raises(BidKeyNotSet):
        deal.bid(bo, key=KEY)


def test_a_key_whose_time_is_over_signs_no_bid(deal, bo):
    set_key(deal, bo, until=deal.anvil.now() + HOUR)
    deal.anvil.advance(HOUR + 1)
    deal.follow()
    assert chain_now() > time_of(node().ask(Agents(ZERO_ADDRESS, bo.address, KEY.address)).until)
    with pytest.raises(BidKeyNotSet):
        deal.bid(bo, key=KEY)


def test_a_key_signs_no_bid_whose_bond_is_above_what_it_may_lock(deal, bo):
    set_key(deal, bo, bond_left=Wei(BOND - 1))
    with pytest.raises(BidKeyBond, match=f"may lock {BOND - 1} wei more"):
        deal.bid(bo, key=KEY)
    assert deal.bid(bo, key=KEY, bond=BOND - 1).signer == KEY.address


def test_a_key_that_the_follower_has_not_seen_yet_is_refused_and_may_come_back(deal, bo):
    deal.follow()
    set_key(deal, bo, follow=False)
    with pytest.raises(BidKeyNotSet, match="send the bid again once its block was read here"):
        deal.bid(bo, key=KEY)
    deal.follow()
    assert deal.bid(bo, key=KEY).status == "OPEN"


def test_a_hot_key_bids_for_nobody_but_the_provider_who_sends_it(deal, bo, charlie):
    """Signed in as somebody else, even a live key's bid is not the sender's to make."""
    set_key(deal, bo)
    kept = deal.bid(bo, key=KEY)
    body = {"bid": kept.bid, "signature": kept.signature, "signer": KEY.address}
    for person in (KEY, charlie):
        answer = deal.asks(person, f"jobs/{deal.job.pk}/bids", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "bid-wrong-signer")
    assert Bid.objects.count() == 1


def test_a_bid_of_another_epoch_is_refused(deal, bo):
    set_key(deal, bo)
    for key in (None, KEY):
        with pytest.raises(BidEpoch, match="of epoch 1, the provider is in epoch 0"):
            deal.bid(bo, key=key, epoch=1)


def test_a_hot_keys_bid_is_kept_shown_with_its_signer_and_awarded(deal, ada, bo):
    set_key(deal, bo)
    bid = deal.bid(bo, key=KEY)
    [shown] = deal.reads(ada, f"jobs/{deal.job.pk}/bids").json()
    assert (shown["status"], shown["signer"], shown["withdrawn"]) == ("OPEN", KEY.address, None)
    assert deal.award(bid).provider == bo.address
    assert standing(bid) == ("AWARDED", "")
    assert node().ask(Agents(ZERO_ADDRESS, bo.address, KEY.address)).bond_left == BOND


def test_a_revoked_key_withdraws_its_bids_and_no_others(deal, ada, bo, charlie):
    set_key(deal, bo)
    signed, own, rival = deal.bid(bo, key=KEY), deal.bid(bo), deal.bid(charlie)
    revoke_key(deal, bo)
    assert [standing(bid) for bid in (signed, own, rival)] == [WITHDRAWN, ("OPEN", ""), ("OPEN", "")]
    assert told(signed) == ["WITHDRAWN"]
    shown = {bid["id"]: bid for bid in deal.reads(ada, f"jobs/{deal.job.pk}/bids").json()}
    assert "may not sign for the provider any more" in shown[signed.pk]["withdrawn"]
    assert (shown[signed.pk]["rank"], shown[own.pk]["rank"] is not None) == (None, True)
    answer = deal.asks(ada, f"bids/{signed.pk}/award")
    assert (answer.status_code, answer.json()["code"]) == (409, "bid-not-awardable")


def test_a_revocation_taken_back_opens_the_bids_again(deal, bo):
    set_key(deal, bo)
    bid = deal.bid(bo, key=KEY)
    deal.anvil.mine(2)
    revoke_key(deal, bo)
    deal.anvil.rpc("anvil_reorg", 1, [])
    deal.follow()
    assert standing(bid) == ("OPEN", "")
    assert told(bid) == ["WITHDRAWN", "OPEN"]
    deal.award(bid)


def test_a_key_that_is_taken_back_withdraws_what_it_signed(deal, bo):
    """The bid came within the reorganisation's reach."""
    deal.anvil.mine(2)
    set_key(deal, bo)
    bid = deal.bid(bo, bonded=False, key=KEY)
    deal.anvil.rpc("anvil_reorg", 1, [])
    deal.follow()
    assert standing(bid) == WITHDRAWN


def test_a_key_that_is_set_again_revives_its_unexpired_bids(deal, bo):
    set_key(deal, bo)
    lasting, short = deal.bid(bo, key=KEY), deal.bid(bo, key=KEY, valid_until=deal.anvil.now() + HOUR)
    revoke_key(deal, bo)
    deal.anvil.advance(HOUR + 1)
    deal.finalise()
    expire()
    set_key(deal, bo)
    assert standing(lasting) == ("OPEN", "")
    assert standing(short) == WITHDRAWN
    deal.award(lasting)


def test_a_lower_limit_withdraws_what_is_above_it(deal, bo):
    set_key(deal, bo)
    dear, free = deal.bid(bo, key=KEY), deal.bid(bo, key=KEY, bond=0)
    set_key(deal, bo, bond_left=Wei(BOND - 1))
    assert [standing(bid) for bid in (dear, free)] == [("WITHDRAWN", "AgentBondTooLow"), ("OPEN", "")]
    set_key(deal, bo, bond_left=Wei(BOND))
    assert standing(dear) == ("OPEN", "")


def test_an_award_uses_up_what_the_key_may_lock(deal, ada, bo):
    set_key(deal, bo, bond_left=Wei(BOND))
    bids = [deal.bid(bo, key=KEY, min_units=1) for _ in range(2)]
    deal.anvil.mine(2)
    deal.award(bids[0], units=1)
    assert [standing(bid) for bid in bids] == [("AWARDED", ""), ("WITHDRAWN", "AgentBondTooLow")]
    assert (told(bids[0]), told(bids[1])) == (["AWARDED"], ["WITHDRAWN"])
    deal.anvil.rpc("anvil_reorg", 1, [])
    deal.follow()
    assert [standing(bid) for bid in bids] == [("OPEN", ""), ("OPEN", "")]


def test_time_alone_withdraws_what_a_key_signed(deal, bo):
    set_key(deal, bo, until=deal.anvil.now() + HOUR)
    deal.finalise()
    bid = deal.bid(bo, key=KEY)
    deal.anvil.advance(HOUR + 60)
    deal.follow()
    [shown] = standings_of(deal.job, chain_now())
    assert (shown.status, shown.void, shown.rank) == ("WITHDRAWN", "SignerNotAllowed", None)
    assert standing(bid) == ("OPEN", ""), "readers know before the sweep does"
    assert expire() == 1
    assert standing(bid) == WITHDRAWN
    assert expire() == 0
    set_key(deal, bo, until=deal.anvil.now() + DAY)
    assert standing(bid) == ("OPEN", "")


def test_a_key_set_for_ever_is_kept(deal, bo):
    """No calendar reaches a u40's last second."""
    set_key(deal, bo, until=2**40 - 1)
    bid = deal.bid(bo, key=KEY)
    assert bid.key_until == bid.valid_until
