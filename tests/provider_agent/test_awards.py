"""Only what is final counts, and only what this journal signed is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts.calls import Award, Refund, Release
from protocol.statuses import BidStatus, MakingStatus
from protocol.terms import Bid
from protocol.units import Digest, address_of
from provider_agent.awards import Awards
from provider_agent.chain_types import Block
from provider_agent.errors import JournalBroken, MakingFailed, NodeUnreachable
from provider_agent.fleet import Fleet
from provider_agent.journal.bids import bid_end, bid_get
from provider_agent.journal.facts import cursor
from provider_agent.journal.makings import making_get, makings
from provider_agent.journal.reservations import Reservation, reservation_put, reservations_held
from provider_agent.making.context import Context
from tests.provider_agent.bids import bid, bid_journal
from tests.provider_agent.samples import config


@dataclass
class Desk:
    """Bo's agent without printers or marketplace, and Ada who awards."""

    context: Context
    awards: Awards
    anvil: Any
    ada: Any
    won: list[Digest]

    def terms(self, **changes: Any) -> Bid:
        usual = {
            "provider": self.context.wallet.address,
            "designer": address_of(self.ada.address),
            "valid_until": self.anvil.now() + 3600,
        }
        return bid(**{**usual, **changes})

    def journalled(self, terms: Bid) -> Digest:
        agreement = terms.digest(self.context.chain.domain)
        bid_journal(self.context.journal, agreement, terms, signature=self.context.wallet.sign(agreement))
        now = self.anvil.now()
        reservation_put(self.context.journal, Reservation(agreement, "p1", now, now + 600))
        return agreement

    def award(self, terms: Bid, units: int = 1) -> None:
        chain = self.context.chain
        signature = self.context.wallet.sign(terms.digest(chain.domain))
        data = Award(terms, signature, terms.provider, units, bytes(32), bytes(32), False).data
        sent = self.anvil.send(
            self.ada, {"to": chain.escrow, "data": data, "value": terms.unit_price * units}
        )
        assert sent["status"] == 1


@pytest.fixture
async def desk(tmp_path: Path, journal, chain, wallet, anvil, ada) -> Desk:
    context = Context(tmp_path, config(), journal, chain, wallet, None, Fleet([]))
    won: list[Digest] = []
    awards = Awards(context, won.append)
    await awards.node_wait()
    return Desk(context, awards, anvil, ada, won)


async def test_an_award_that_is_not_final_is_not_won(desk: Desk) -> None:
    terms = desk.terms()
    desk.journalled(terms)
    desk.award(terms)
    await desk.awards.follow()
    assert makings(desk.context.journal) == []
    desk.anvil.finalise()
    await desk.awards.follow()
    assert [making.status for making in makings(desk.context.journal)] == [MakingStatus.WON]
    assert cursor(desk.context.journal) == (await desk.context.chain.final()).number


async def test_an_award_of_a_bid_that_is_not_in_the_journal_is_not_made(desk: Desk) -> None:
    desk.award(desk.terms(salt=77))
    desk.anvil.finalise()
    await desk.awards.follow()
    assert makings(desk.context.journal) == []
    assert desk.won == []


async def test_a_bid_that_was_never_signed_is_not_made(desk: Desk) -> None:
    terms = desk.terms()
    agreement = desk.journalled(terms)
    desk.context.journal.write("UPDATE bids SET signature = NULL")
    desk.award(terms)
    desk.anvil.finalise()
    await desk.awards.follow()
    assert makings(desk.context.journal) == []
    assert bid_get(desk.context.journal, agreement).status is BidStatus.OPEN


async def test_followed_twice_it_is_won_once(desk: Desk) -> None:
    terms = desk.terms()
    agreement = desk.journalled(terms)
    desk.award(terms)
    desk.anvil.finalise()
    await desk.awards.follow()
    desk.context.journal.write("UPDATE facts SET value = '0'")
    await desk.awards.follow()
    assert desk.won == [agreement]


async def test_a_bid_that_seemed_lost_is_made_all_the_same(desk: Desk) -> None:
    terms = desk.terms()
    agreement = desk.journalled(terms)
    bid_end(desk.context.journal, agreement, BidStatus.LOST)
    assert reservations_held(desk.context.journal) == []
    desk.award(terms)
    desk.anvil.finalise()
    await desk.awards.follow()
    assert making_get(desk.context.journal, agreement).status is MakingStatus.WON
    (held,) = reservations_held(desk.context.journal, "p1")
    assert held.ends_at - held.starts_at == 600


async def test_a_bid_expires_by_final_chain_time_and_frees_its_hours(desk: Desk) -> None:
    agreement = desk.journalled(desk.terms())
    desk.anvil.advance(7200)
    await desk.awards.follow()
    assert bid_get(desk.context.journal, agreement).status is BidStatus.OPEN
    desk.anvil.finalise()
    await desk.awards.follow()
    assert bid_get(desk.context.journal, agreement).status is BidStatus.EXPIRED
    assert reservations_held(desk.context.journal) == []


@pytest.fixture
async def won(desk: Desk) -> tuple[Bid, Digest]:
    terms = desk.terms(max_units=3)
    agreement = desk.journalled(terms)
    desk.award(terms, units=2)
    desk.anvil.finalise()
    await desk.awards.follow()
    return terms, agreement


async def test_what_is_live_passes(desk: Desk, won) -> None:
    word = await desk.context.live_word(making_get(desk.context.journal, won[1]))
    assert word.price == 2 * won[0].unit_price


async def test_after_the_make_time_nothing_is_printed(desk: Desk, won) -> None:
    desk.anvil.advance(won[0].make_time + 1)
    with pytest.raises(MakingFailed, match="time to deliver is over"):
        await desk.context.live_word(making_get(desk.context.journal, won[1]))


async def test_a_node_that_is_behind_the_award_is_waited_for(desk: Desk, won, monkeypatch) -> None:
    """Behind one address may be several nodes: what one called final, the next may not have yet."""
    found = making_get(desk.context.journal, won[1])

    async def behind() -> Block:
        return Block(found.award_block - 1, desk.anvil.now())

    monkeypatch.setattr(desk.context.chain, "final", behind)
    with pytest.raises(NodeUnreachable, match="behind"):
        await desk.context.live_word(found)


async def test_a_closed_agreement_is_not_printed(desk: Desk, won) -> None:
    terms, agreement = won
    desk.anvil.advance(terms.make_time + 12 * 3600 + 10)
    data = Refund(terms).data
    assert desk.anvil.send(desk.ada, {"to": desk.context.chain.escrow, "data": data})["status"] == 1
    desk.anvil.finalise()
    with pytest.raises(MakingFailed, match=r"closed before it was made \(REFUNDED\)"):
        await desk.context.live_word(making_get(desk.context.journal, agreement))
    assert making_get(desk.context.journal, agreement).how == "REFUNDED"


async def test_what_was_paid_in_full_beforehand_stays_to_be_printed(desk: Desk, won) -> None:
    terms, agreement = won
    data = Release(terms, 2 * terms.unit_price).data
    assert desk.anvil.send(desk.ada, {"to": desk.context.chain.escrow, "data": data})["status"] == 1
    desk.anvil.finalise()
    desk.anvil.advance(terms.make_time + 1)
    word = await desk.context.live_word(making_get(desk.context.journal, agreement))
    assert word.paid == word.price == 2 * terms.unit_price


async def test_an_award_that_is_away_is_waited_for_until_it_is_certainly_gone(desk: Desk) -> None:
    """A chain without the award, but not yet as long: the node may be behind. Longer: taken back for good."""
    desk.anvil.finalise()
    before = desk.anvil.rpc("evm_snapshot")
    terms = desk.terms()
    agreement = desk.journalled(terms)
    desk.award(terms)
    desk.anvil.finalise()
    await desk.awards.follow()
    found = making_get(desk.context.journal, agreement)
    desk.anvil.rpc("evm_revert", before)
    with pytest.raises(NodeUnreachable, match="lacks the award"):
        await desk.context.live_word(found)
    desk.anvil.finalise()
    desk.anvil.finalise()
    with pytest.raises(MakingFailed, match="a reorganisation took it back"):
        await desk.context.live_word(found)


async def test_terms_that_were_altered_in_the_journal_are_not_printed(desk: Desk, won) -> None:
    desk.context.journal.write("UPDATE bids SET bid = replace(bid, '\"epoch\": 0', '\"epoch\": 1')")
    with pytest.raises(JournalBroken, match="not those of its id"):
        await desk.context.live_word(making_get(desk.context.journal, won[1]))


async def test_units_that_the_escrow_was_not_paid_for_are_not_printed(desk: Desk, won) -> None:
    desk.context.journal.write("UPDATE makings SET units = 3")
    with pytest.raises(MakingFailed, match="not the price of 3 units"):
        await desk.context.live_word(making_get(desk.context.journal, won[1]))
