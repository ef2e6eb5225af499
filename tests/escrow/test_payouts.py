"""Where money goes, for any agreement: nothing is lost, nothing is made, nobody pays in."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marketplace.escrow import payouts
from marketplace.escrow.payouts import Payout, Pot
from protocol.statuses import AgreementStatus
from tests.escrow.histories import a_bid

amounts = st.integers(0, 2**90)


@st.composite
def pots(draw: st.DrawFn) -> Pot:
    changes: dict[str, Any] = {
        "bond": draw(amounts), "dispute_fee": draw(amounts), "fee_bps": draw(st.integers(0, 1_000)),
        "fallback_bps": draw(st.integers(0, 10_000)),
    }  # fmt: skip
    price = draw(st.integers(1, 2**90))
    status = draw(st.sampled_from([AgreementStatus.AWARDED, AgreementStatus.DISPUTED]))
    return Pot(a_bid(**changes), price, draw(st.integers(0, price - 1)), status)


def held(pot: Pot) -> int:
    return pot.unpaid + int(pot.bid.bond) + pot.posted


def closes(pot: Pot, out: Payout) -> None:
    assert sum(astuple(out)) == held(pot)
    assert min(astuple(out)) >= 0


@given(pots(), st.data())
def test_every_closing_pays_out_exactly_what_is_held(pot, data):
    closes(pot, payouts.cancelled(pot))
    closes(pot, payouts.refunded(pot))
    closes(pot, payouts.expired(pot))
    closes(pot, payouts.paid_up_to(pot, pot.price))
    closes(pot, payouts.settled(pot, data.draw(st.integers(0, pot.unpaid + int(pot.bid.bond)))))
    disputed = Pot(pot.bid, pot.price, pot.paid, AgreementStatus.DISPUTED)
    bond_back = data.draw(st.integers(0, int(pot.bid.bond)))
    closes(disputed, payouts.ruled(disputed, data.draw(st.integers(0, pot.price)), bond_back))


@given(pots(), st.data())
def test_a_part_payment_moves_the_part_alone(pot, data):
    cumulative = data.draw(st.integers(pot.paid, pot.price - 1))
    out = payouts.paid_up_to(pot, cumulative)
    assert (out.payment + out.fee, out.bond_back, out.to_designer) == (cumulative - pot.paid, 0, 0)


@given(pots(), st.data())
def test_paying_in_parts_costs_the_fee_of_paying_at_once(pot, data):
    fresh = Pot(pot.bid, pot.price, 0, pot.status)
    middle = data.draw(st.integers(0, pot.price))
    parts = (
        payouts.paid_up_to(fresh, middle).fee
        + payouts.paid_up_to(Pot(pot.bid, pot.price, middle, pot.status), pot.price).fee
    )
    assert parts == payouts.paid_up_to(fresh, pot.price).fee
