"""Every way a bid can end gives its machine time and its material back: a table of them, on a real chain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.calls import BumpEpoch
from protocol.statuses import BidStatus
from protocol.units import ZERO_ADDRESS, Wei, address_of, hex_of
from provider_agent.awards import Awards
from provider_agent.bidder import Bidder
from provider_agent.errors import MarketplaceUnreachable, NodeUnreachable
from provider_agent.journal.bids import bids_for, bids_open
from provider_agent.journal.facts import cursor_set
from provider_agent.journal.reservations import reservations_held
from provider_agent.journal.spools import spool_add, spools
from tests.provider_agent.samples import job, spec
from tests.provider_agent.test_bidder import desk, posted

ETHER = 10**18


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Scene:
    """A bidder with a spool, and one job that it will bid for."""

    bidder: Bidder
    market: Any
    chain: Any
    wallet: Any
    anvil: Any
    bo: Any
    patch: pytest.MonkeyPatch

    async def bid(self) -> None:
        await self.bidder._look()
        assert self.held()

    def held(self) -> tuple[list[Any], int]:
        journal = self.bidder._journal
        found = reservations_held(journal), sum(spool.held_mg for spool in spools(journal))
        return found if any(found) else ()  # type: ignore[return-value]

    def restart(self) -> None:
        self.patch.undo()
        self.market.refusals.clear()
        self.bidder = Bidder(self.bidder._context)
        self.bidder._unsigned_drop()

    def send(self, call: Any) -> None:
        assert self.anvil.send(self.bo, {"to": self.chain.escrow, "data": call.data})["status"] == 1

    async def expire(self) -> None:
        (row,) = bids_open(self.bidder._journal)
        self.anvil.advance(row.bid.valid_until - self.anvil.now() + 1)
        self.anvil.finalise()
        context = self.bidder._context
        cursor_set(context.journal, (await self.chain.final()).number)
        await Awards(context, lambda _: None).follow()


@pytest.fixture
async def scene(tmp_path, journal, chain, wallet, market, anvil, ada, bo, monkeypatch):
    spool_add(journal, "a", material="PLA", colour="black", lot="L1", left_mg=10**6)
    deadline = anvil.now() + 20 * 86_400
    posted(market, designer=address_of(ada.address), deadline=deadline)
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        yield Scene(bidder, market, chain, wallet, anvil, bo, monkeypatch)


async def refused_by_the_marketplace(scene: Scene) -> None:
    scene.market.refusals["/bids"] = (409, {"code": "bid-job-closed", "detail": "closed"})
    await scene.bidder._look()


async def refused_by_the_escrow(scene: Scene) -> None:
    posted(scene.market, designer=scene.wallet.address, deadline=scene.anvil.now() + 20 * 86_400)
    await scene.bidder._look()


async def the_bond_is_gone_at_signing(scene: Scene) -> None:
    async def gone() -> str:
        return "bonds of 1 ETH are promised, 0 ETH are free"

    scene.patch.setattr(scene.bidder._counter, "bond_refusal", gone)
    await scene.bidder._look()
    assert scene.market.declines[-1]["reason"].endswith("0 ETH are free.")


async def the_node_is_silent_at_signing(scene: Scene) -> None:
    async def silent(*_: Any) -> str:
        raise NodeUnreachable("gone")

    scene.patch.setattr(scene.chain, "award_refusal", silent)
    with pytest.raises(NodeUnreachable):
        await scene.bidder._look()


async def told_that_it_is(status: str, scene: Scene) -> None:
    await scene.bid()
    (row,) = bids_open(scene.bidder._journal)
    scene.market.bids[0]["id"] = hex_of(row.agreement)
    scene.market.bid_status = status
    scene.market.jobs.clear()
    await scene.bidder._look()


async def lost(scene: Scene) -> None:
    await told_that_it_is("LOST", scene)


async def withdrawn(scene: Scene) -> None:
    await told_that_it_is("WITHDRAWN", scene)


async def expired_here(scene: Scene) -> None:
    await scene.bid()
    await scene.expire()


async def expired_there(scene: Scene) -> None:
    await told_that_it_is("EXPIRED", scene)


async def all_bids_of_the_epoch_withdrawn_on_chain(scene: Scene) -> None:
    await scene.bid()
    scene.send(BumpEpoch(ZERO_ADDRESS))
    scene.market.jobs.clear()
    await scene.bidder._look()
    assert scene.held(), "not final: it may be taken back"
    scene.anvil.finalise()
    await scene.bidder._look()


async def no_answer_and_then_too_late(scene: Scene) -> None:
    scene.market.refusals["/bids"] = (503, {})
    with pytest.raises(MarketplaceUnreachable):
        await scene.bidder._look()
    assert scene.held()
    await scene.expire()


async def no_answer_and_then_another_epoch(scene: Scene) -> None:
    scene.market.refusals["/bids"] = (503, {})
    with pytest.raises(MarketplaceUnreachable):
        await scene.bidder._look()
    scene.send(BumpEpoch(ZERO_ADDRESS))
    scene.market.refusals.clear()
    scene.market.jobs.clear()
    await scene.bidder._look()
    assert scene.market.bids == []


async def killed_between_reserving_and_signing(scene: Scene) -> None:
    def killed(_: Any) -> bytes:
        raise Killed

    scene.patch.setattr(scene.wallet, "sign", _after_profiles(scene, killed))
    with pytest.raises(Killed):
        await scene.bidder._look()
    assert scene.held()
    scene.restart()


async def killed_between_signing_and_sending(scene: Scene) -> None:
    async def killed(_: Any) -> None:
        raise Killed

    scene.patch.setattr(scene.bidder._context.marketplace, "bid_submit", killed)
    with pytest.raises(Killed):
        await scene.bidder._look()
    scene.restart()
    (kept,) = bids_open(scene.bidder._journal)
    assert scene.held()
    scene.market.jobs.clear()
    await scene.bidder._look()
    (sent,) = scene.market.bids
    assert sent["signature"] == hex_of(kept.signature)
    await scene.expire()


def _after_profiles(scene: Scene, then: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """What signs a printer's profile and the sign-in as usual, and a bid otherwise."""
    sign = scene.wallet.sign

    def one(digest: Any) -> bytes:
        journal = scene.bidder._journal
        return then(digest) if reservations_held(journal) else sign(digest)

    return one


EXITS: dict[Callable[[Scene], Awaitable[None]], BidStatus] = {
    refused_by_the_marketplace: BidStatus.LOST,
    refused_by_the_escrow: BidStatus.WITHDRAWN,
    the_bond_is_gone_at_signing: BidStatus.WITHDRAWN,
    the_node_is_silent_at_signing: BidStatus.WITHDRAWN,
    lost: BidStatus.LOST,
    withdrawn: BidStatus.LOST,
    expired_here: BidStatus.EXPIRED,
    expired_there: BidStatus.LOST,
    all_bids_of_the_epoch_withdrawn_on_chain: BidStatus.WITHDRAWN,
    no_answer_and_then_too_late: BidStatus.EXPIRED,
    no_answer_and_then_another_epoch: BidStatus.WITHDRAWN,
    killed_between_reserving_and_signing: BidStatus.WITHDRAWN,
    killed_between_signing_and_sending: BidStatus.EXPIRED,
}


@pytest.mark.parametrize("leave", EXITS, ids=lambda leave: leave.__name__)
async def test_a_bid_that_ended_holds_nothing(scene: Scene, leave) -> None:
    await leave(scene)
    journal = scene.bidder._journal
    assert not scene.held()
    assert bids_open(journal) == []
    (row,) = bids_for(journal, "job-1")
    assert row.status is EXITS[leave]


async def test_bonds_of_open_bids_together_are_covered_or_the_next_is_not_signed(
    tmp_path, journal, chain, wallet, market, ada, anvil
) -> None:
    """What was free when it was weighed is promised when it is signed: the second look counts."""
    found = job(spec(designer=address_of(ada.address), deadline=anvil.now() + 20 * 86_400))
    async with desk(tmp_path, journal, chain, wallet, market, bond=Wei(ETHER)) as bidder:
        await bidder._look()

        async def plenty() -> Any:
            return Rich

        before = await bidder._counter.market()
        Rich = type(before)(**{**vars(before), "free": Wei(2 * ETHER)})
        bidder._counter.market = plenty  # type: ignore[method-assign]
        await bidder._consider(found)
    assert "bonds of 1 ETH are promised, 0 ETH are free" in market.declines[-1]["reason"]
    assert (market.bids, bids_open(journal), reservations_held(journal)) == ([], [], [])


async def test_a_bid_keeps_how_its_price_came_about(scene: Scene) -> None:
    await scene.bid()
    (row,) = bids_open(scene.bidder._journal)
    breakdown = row.verdict["terms"]["breakdown"]
    assert int(breakdown["price_wei"]) == row.bid.unit_price * row.bid.max_units
    assert row.verdict["printer"] == row.serial == "p1"
    assert row.verdict["terms"]["spools"].keys() == {"a"}
