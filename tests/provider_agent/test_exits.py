"""An agreement that takes another way while the agent works on it: on a real chain, with a printer that obeys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from contracts.calls import Cancel, Deliver, Dispute, Expire, GiveUp, Reaward, Rule, Settle, Transaction
from protocol.statuses import MakingStatus
from protocol.terms import Bid, Settlement
from protocol.units import ZERO_DIGEST, Digest, Wei, address_of, hex_of
from provider_agent.errors import MakingFailed
from provider_agent.journal.attempts import attempt_intend
from provider_agent.journal.bids import bid_get
from provider_agent.journal.makings import making_advance
from provider_agent.making.context import Context
from provider_agent.making.printing import produce
from provider_agent.making.settling import deliver, settle
from tests.provider_agent.bids import bid
from tests.provider_agent.desk import agreement_won, making

DAY = 86_400
GRACE = 3600
FEE = Wei(10**14)
PRICE = 10**15


@pytest.fixture
def terms() -> dict[str, Any]:
    """What the agreement's bid says besides the usual."""
    return {}


@pytest.fixture
def agreement(journal, wallet, chain, anvil, ada, terms) -> Digest:
    return agreement_won(journal, wallet, chain, anvil, ada, **terms)


@pytest.fixture
def sends(context: Context, anvil) -> Callable[..., None]:
    """A party's own key calls the escrow; final unless told."""

    def send(who: Any, call: Transaction, *, value: int = 0, final: bool = True) -> None:
        sent = anvil.send(who, {"to": context.chain.escrow, "data": call.data, "value": value})
        assert sent["status"] == 1
        if final:
            anvil.finalise()

    return send


def signed(context: Context, agreement: Digest) -> Bid:
    return bid_get(context.journal, agreement).bid


async def waits(context: Context, agreement: Digest) -> bool:
    """Whether producing goes on without an end."""
    try:
        await asyncio.wait_for(produce(context, making(context, agreement)), 1)
    except TimeoutError:
        return True
    return making(context, agreement).status is MakingStatus.QUEUED


class TestGrace:
    """A free cancel must not be a free print."""

    @pytest.fixture
    def terms(self) -> dict[str, Any]:
        return {"grace_time": GRACE}

    async def test_nothing_is_printed_in_the_grace_time(self, context, queued, driver) -> None:
        assert await waits(context, queued)
        assert driver.started == []

    async def test_what_a_crash_left_intended_is_not_started_in_the_grace_time(
        self, context, queued, driver
    ) -> None:
        making_advance(context.journal, queued, MakingStatus.PRINTING)
        attempt_intend(context.journal, queued, 0, "p1", ".gcode")
        assert await waits(context, queued)
        assert driver.started == []

    async def test_its_last_second_is_the_cancels(self, context, queued, driver, anvil) -> None:
        """Not before a final block is later: one that is not final may be taken back, and hold a cancel."""
        anvil.advance(GRACE + 1)
        assert await waits(context, queued)
        anvil.finalise()
        await produce(context, making(context, queued))
        assert len(driver.started) == 1

    async def test_a_designer_who_waived_it_is_served_at_once(self, context, queued, driver, market) -> None:
        market.waived.add(hex_of(queued))
        await produce(context, making(context, queued))
        assert len(driver.started) == 1

    @pytest.mark.parametrize("status", [404, 500])
    async def test_a_marketplace_that_does_not_say_has_not_said_yes(
        self, context, queued, driver, market, status
    ) -> None:
        market.waived.add(hex_of(queued))
        market.refusals[hex_of(queued)] = (status, {"code": "odd", "detail": "odd"})
        assert await waits(context, queued)
        assert driver.started == []

    @pytest.mark.parametrize("who", ["ada", "bo"])
    async def test_a_cancelled_agreement_is_not_printed(
        self, context, queued, driver, sends, who, request
    ) -> None:
        sends(request.getfixturevalue(who), Cancel(signed(context, queued)))
        with pytest.raises(MakingFailed, match="CANCELLED"):
            await produce(context, making(context, queued))
        assert driver.started == []

    async def test_a_cancel_that_is_not_final_is_waited_for(
        self, context, queued, driver, sends, ada, anvil, market
    ) -> None:
        market.waived.add(hex_of(queued))
        sends(ada, Cancel(signed(context, queued)), final=False)
        assert await waits(context, queued)
        assert driver.started == []


async def test_a_give_up_that_is_not_final_is_waited_for(context, queued, driver, sends, bo) -> None:
    sends(bo, GiveUp(signed(context, queued)), final=False)
    assert await waits(context, queued)
    assert driver.started == []


async def test_what_was_given_up_for_good_fails(context, queued, driver, sends, bo) -> None:
    sends(bo, GiveUp(signed(context, queued)))
    with pytest.raises(MakingFailed, match="given up on chain"):
        await produce(context, making(context, queued))
    assert driver.started == []


async def test_what_was_given_up_is_not_delivered(context, cleared, sends, bo) -> None:
    sends(bo, GiveUp(signed(context, cleared)))
    with pytest.raises(MakingFailed, match="given up on chain"):
        await deliver(context, making(context, cleared))


async def test_a_settlement_ends_the_making(context, queued, driver, sends, ada, wallet, anvil) -> None:
    split = Settlement(queued, Wei(7), Wei(0), 1, anvil.now() + 600)
    sends(ada, Settle(signed(context, queued), split, wallet.sign(split.digest(context.chain.domain))))
    with pytest.raises(MakingFailed, match="SETTLED"):
        await produce(context, making(context, queued))
    found = making(context, queued)
    assert (found.paid, found.how, driver.started) == (7, "SETTLED", [])


class TestStandby:
    """Charlie's bid is named as the standby of Bo's."""

    @pytest.fixture
    def agreement(self, journal, wallet, chain, anvil, ada, charlie, other) -> Digest:
        return agreement_won(journal, wallet, chain, anvil, ada, standby=other.digest(chain.domain))

    @pytest.fixture
    def other(self, anvil, ada, charlie) -> Bid:
        return bid(
            provider=address_of(charlie.address),
            designer=address_of(ada.address),
            valid_until=anvil.now() + 9 * DAY,
        )

    async def test_what_a_standby_took_over_is_not_printed(
        self, context, queued, driver, sends, charlie, bo, other
    ) -> None:
        terms, signature = (
            signed(context, queued),
            charlie.unsafe_sign_hash(other.digest(context.chain.domain)),
        )
        sends(bo, GiveUp(terms), final=False)
        sends(charlie, Reaward(terms, other, bytes(signature.signature), other.provider))
        with pytest.raises(MakingFailed, match="REAWARDED"):
            await produce(context, making(context, queued))
        assert driver.started == []


class TestDispute:
    """Eve may decide; Ada disputes what was delivered."""

    @pytest.fixture
    def terms(self, eve) -> dict[str, Any]:
        return {"arbiter": address_of(eve.address), "dispute_fee": FEE, "fallback_bps": 4000}

    @pytest.fixture
    async def disputed(self, context, cleared, sends, ada, anvil) -> Digest:
        await deliver(context, making(context, cleared))
        anvil.finalise()
        sends(ada, Dispute(signed(context, cleared), ZERO_DIGEST, False), value=FEE)
        return cleared

    async def test_a_delivery_disputed_before_the_agent_looked_is_a_delivery(self, context, disputed) -> None:
        await deliver(context, making(context, disputed))
        assert making(context, disputed).status is MakingStatus.DELIVERED

    async def test_it_waits_for_the_ruling_and_takes_what_it_gives(
        self, context, disputed, sends, eve, anvil
    ) -> None:
        await deliver(context, making(context, disputed))
        anvil.advance(3600 - 60)
        anvil.finalise()
        await settle(context, making(context, disputed))
        assert making(context, disputed).status is MakingStatus.DELIVERED
        sends(eve, Rule(signed(context, disputed), Wei(11), Wei(0)))
        await settle(context, making(context, disputed))
        found = making(context, disputed)
        assert (found.status, found.how, found.paid) == ("PAID", "RULED", 11)

    async def test_a_ruling_for_the_designer_is_a_failure(self, context, disputed, sends, eve) -> None:
        await deliver(context, making(context, disputed))
        sends(eve, Rule(signed(context, disputed), Wei(0), Wei(0)))
        with pytest.raises(MakingFailed, match=r"without pay \(RULED"):
            await settle(context, making(context, disputed))

    async def test_a_silent_arbiter_does_not_keep_its_share_from_it(self, context, disputed, anvil) -> None:
        await deliver(context, making(context, disputed))
        anvil.advance(3600 + 1)
        anvil.finalise()
        await settle(context, making(context, disputed))
        anvil.finalise()
        await settle(context, making(context, disputed))
        found = making(context, disputed)
        assert (found.status, found.how, found.paid) == ("PAID", "EXPIRED", PRICE * 4 // 10)

    async def test_who_else_ends_the_dispute_is_welcome_to(
        self, context, disputed, sends, anvil, charlie
    ) -> None:
        await deliver(context, making(context, disputed))
        anvil.advance(3600 + 1)
        sends(charlie, Expire(signed(context, disputed)), final=False)
        await settle(context, making(context, disputed))
        anvil.finalise()
        await settle(context, making(context, disputed))
        assert making(context, disputed).how == "EXPIRED"

    async def test_what_its_provider_delivered_by_hand_is_not_printed(
        self, context, queued, driver, sends, bo
    ) -> None:
        sends(bo, Deliver(signed(context, queued), ZERO_DIGEST))
        with pytest.raises(MakingFailed, match="DELIVERED on chain"):
            await produce(context, making(context, queued))
        assert driver.started == []
