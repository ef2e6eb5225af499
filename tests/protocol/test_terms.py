"""Terms: the ones the escrow would refuse are named before anyone signs them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protocol.errors import Malformed
from protocol.terms import DAY, MAX_DURATION, price_of, terms_problems
from protocol.units import ZERO_ADDRESS, Wei
from tests.vectors.samples import sample_bid

BID = replace(sample_bid(), unit_price=Wei(10), min_units=2, max_units=5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"make_time": 0}, "above zero"),
        ({"review_time": 0}, "above zero"),
        ({"arbiter_time": 0}, "above zero"),
        ({"make_time": MAX_DURATION + 1}, "400 days"),
        ({"review_time": 401 * DAY}, "400 days"),
        ({"arbiter_time": 401 * DAY}, "400 days"),
        ({"grace_time": BID.make_time}, "shorter"),
        ({"fee_bps": 1001}, "10 %"),
        ({"fallback_bps": 10_001}, "100 %"),
        ({"provider": BID.designer}, "three different"),
        ({"arbiter": BID.designer}, "three different"),
        ({"arbiter": BID.provider}, "three different"),
        ({"fee_to": BID.arbiter}, "may not receive"),
        ({"fee_to": ZERO_ADDRESS}, "needs a receiver"),
        ({"arbiter": ZERO_ADDRESS}, "no dispute fee"),
    ],
)
def test_terms_that_are_not_sane_are_named(change, words):
    problems = terms_problems(replace(BID, **change))
    assert any(words in problem for problem in problems)


def test_sane_terms_have_no_problems():
    assert terms_problems(BID) == ()


def test_nobody_need_arbitrate_or_earn_a_fee():
    assert (
        terms_problems(replace(BID, arbiter=ZERO_ADDRESS, dispute_fee=Wei(0), fee_to=ZERO_ADDRESS, fee_bps=0))
        == ()
    )


@pytest.mark.parametrize("units", [0, 1, 6])
def test_a_price_outside_the_bid_is_refused(units):
    with pytest.raises(Malformed, match="2 to 5 units"):
        price_of(BID, units)


def test_a_price_beyond_96_bits_is_refused():
    with pytest.raises(Malformed, match="unitPrice"):
        price_of(replace(BID, unit_price=Wei(2**95)), 2)


@pytest.mark.parametrize("change", [{"bond": Wei(2**96 - 30)}, {"dispute_fee": Wei(2**96 - 30)}], ids=str)
def test_a_pot_beyond_96_bits_is_refused(change):
    with pytest.raises(Malformed, match="together"):
        price_of(replace(BID, **change), 3)


def test_a_price_of_nothing_is_refused():
    with pytest.raises(Malformed, match="unitPrice"):
        price_of(replace(BID, unit_price=Wei(0)), 2)


def test_price_is_unit_price_times_units():
    assert price_of(BID, 3) == 30
