"""What is said here of a bid is what the escrow's own `isAwardable` says of it, whatever happened before."""

from __future__ import annotations

import random
from io import StringIO
from itertools import product

import pytest
from django.core.management import CommandError, call_command

from contracts.artifacts import error_selectors
from contracts.views import IsAwardable
from marketplace.bidding.authorities import authorities_of
from marketplace.bidding.models import Bid, EpochBump, HotKeySet
from marketplace.bidding.projection import BidProjection
from marketplace.bidding.tasks import expire
from marketplace.bidding.void_rules import void_of
from marketplace.chain.nodes import client
from protocol.units import Wei, address_of, bytes_of
from tests.bidding.chained import HOUR, KEY, bump_epoch, revoke_key, set_key
from tests.factories.deal import BOND, deal

__all__ = ["deal"]


def escrow_says(bid: Bid) -> str:
    view = IsAwardable(bid.terms, bytes_of(bid.signature), address_of(bid.signer), bid.terms.min_units)
    reason = client().ask(view).reason
    return error_selectors()[reason].name if any(reason) else ""


def we_say(deal, bid: Bid) -> str:
    [held] = authorities_of([(bid.terms, bid.signer)])
    return void_of(bid.terms, held, deal.anvil.now()) or ""


def test_each_limit_at_its_edge(deal, bo):
    """Every pair of a last second and a limit around what a bid needs, before and after the epoch is raised."""
    set_key(deal, bo, until=2**40 - 1, bond_left=Wei(10 * BOND))
    bids = [deal.bid(bo, key=KEY, bond=bond) for bond in (0, 1, BOND)] + [deal.bid(bo)]
    found = set()
    for late, left in product((-2, 0, 1, HOUR), (0, 1, BOND - 1, BOND)):
        # The setting's own block is the next one; the escrow answers at its time.
        set_key(deal, bo, until=deal.anvil.now() + late, bond_left=Wei(left))
        for bid in bids:
            assert we_say(deal, bid) == escrow_says(bid), (late, left, bid.terms.bond)
            found.add(we_say(deal, bid))
    bump_epoch(deal, bo)
    for bid in bids:
        assert we_say(deal, bid) == escrow_says(bid)
        found.add(we_say(deal, bid))
    assert found == {"", "SignerNotAllowed", "AgentBondTooLow", "EpochChanged"}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_bids_and_escrow_agree(deal, ada, bo, seed):
    """Random settings, epochs, awards, times and reorganisations, followed at random times."""
    chance = random.Random(seed)
    deal.post_job(quantity=10)
    deal.deposit(bo, 20 * BOND)
    deal.follow()
    set_key(deal, bo, bond_left=Wei(9 * BOND))
    bids = [
        deal.bid(bo, key=key, bonded=False, bond=bond)
        for key, bond in ((KEY, 0), (KEY, BOND), (KEY, BOND), (KEY, 3 * BOND), (None, BOND))
    ]
    deal.anvil.mine(4)
    for _ in range(30):
        what = chance.choice(["set", "set", "revoke", "bump", "award", "award", "reorganise", "wait", "look"])
        if what == "set":
            until, left = deal.anvil.now() + chance.choice((-1, 30, HOUR)), chance.randrange(5) * BOND
            set_key(deal, bo, until=until, bond_left=Wei(left), follow=chance.random() < 0.5)
        elif what == "revoke":
            revoke_key(deal, bo)
        elif what == "bump" and chance.random() < 0.3:
            bump_epoch(deal, bo)
        elif what == "award":
            answer = deal.asks(ada, f"bids/{chance.choice(bids).pk}/award", {"units": 1})
            if answer.status_code == 200:
                deal.send(ada, answer.json()["transaction"])
        elif what == "reorganise":
            # No deeper than what is not final.
            deal.anvil.rpc("anvil_reorg", chance.randrange(1, 3), [])
        elif what == "wait":
            deal.anvil.advance(chance.choice((5, 40)))
        deal.follow()
        expire()
        assert list(BidProjection().against_chain()) == []
        assert list(BidProjection().differences()) == []
        for bid in Bid.objects.filter(status__in=("OPEN", "WITHDRAWN")):
            assert (bid.status == "OPEN") == (escrow_says(bid) == ""), (what, bid.status, escrow_says(bid))
    call_command("chain_check", stdout=StringIO())


def test_a_bond_locked_by_a_bid_never_received_is_named(deal, bo):
    """Only the transaction says which key signed it: the escrow is asked at every award, and by chain_check."""
    set_key(deal, bo, bond_left=Wei(BOND))
    lost, kept = (deal.bid(bo, key=KEY, min_units=1) for _ in range(2))
    award = deal.asks(deal.ada, f"bids/{lost.pk}/award", {"units": 1}).json()["transaction"]
    lost.delete()
    assert deal.send(deal.ada, award) == 1
    deal.follow()
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("chain_check", stdout=said)
    assert f"{kept.pk} void: stored none, by the chain it is AgentBondTooLow" in said.getvalue()
    answer = deal.asks(deal.ada, f"bids/{kept.pk}/award", {"units": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "agent-bond-too-low")


def test_what_differs_is_named_and_a_rebuild_mends_it(deal, bo):
    set_key(deal, bo)
    bid = deal.bid(bo, key=KEY)
    bump_epoch(deal, bo)
    call_command("chain_check", stdout=StringIO())
    Bid.objects.update(status="OPEN", void="")
    EpochBump.objects.update(epoch=7)
    HotKeySet.objects.all().delete()
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("chain_check", "--offline", stdout=said)
    lines = said.getvalue()
    for expected in (
        f"{bo.address} AgentSet at",
        f"{bo.address} EpochBumped at",
        f"{bid.pk} status: stored OPEN",
    ):
        assert expected in lines
    call_command("chain_rebuild", stdout=StringIO())
    call_command("chain_check", stdout=StringIO())
    bid.refresh_from_db()
    assert (bid.status, bid.void) == ("WITHDRAWN", "EpochChanged")
