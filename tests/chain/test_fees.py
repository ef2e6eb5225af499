"""What a transaction offers for its gas, for any market and any caps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marketplace.chain.fees import Fees, Market, cost_most, fees_above, fees_first, gas_limit

WEI = st.integers(0, 10**13)
MARKETS = st.builds(Market, WEI, WEI)
CAPS = st.builds(Fees, WEI, WEI)
SENT = st.builds(lambda one, other: Fees(max(one, other), min(one, other)), WEI, WEI)


@given(MARKETS, CAPS)
def test_caps_below_the_present_price_give_no_fees(market, cap):
    assert (fees_first(market, cap) is None) == (
        market.base_fee + min(market.priority, cap.priority) > cap.max_fee
    )


@given(MARKETS, CAPS)
def test_first_fees_are_within_the_caps_and_pay_the_present_price(market, room):
    cap = Fees(market.base_fee + room.priority + room.max_fee, room.priority)
    fees = fees_first(market, cap)
    assert fees.max_fee <= cap.max_fee
    assert fees.priority <= min(cap.priority, fees.max_fee)
    assert fees.max_fee >= market.base_fee + fees.priority


@given(MARKETS)
def test_without_a_cap_in_the_way_the_base_fee_may_double(market):
    fees = fees_first(market, Fees(10**14, 10**14))
    assert fees == Fees(2 * market.base_fee + market.priority, market.priority)


@given(SENT, MARKETS, CAPS)
def test_a_replacement_is_an_eighth_dearer_in_both_fees_and_within_the_caps(before, now, room):
    least = max(before.max_fee, now.base_fee + before.priority)
    cap = Fees(least * 9 // 8 + 3 + room.max_fee, before.priority * 9 // 8 + 3 + room.priority)
    fees = fees_above(before, now, cap)
    assert fees.max_fee * 8 >= before.max_fee * 9
    assert fees.priority * 8 >= before.priority * 9
    assert (fees.max_fee, fees.priority) > (before.max_fee, before.priority)
    assert fees.max_fee <= cap.max_fee
    assert fees.priority <= min(cap.priority, fees.max_fee)
    assert fees.max_fee >= now.base_fee + before.priority


@given(MARKETS, CAPS)
def test_raising_ends_at_the_caps(market, cap):
    fees, raised = fees_first(market, cap), 0
    while fees is not None:
        last, fees, raised = fees, fees_above(fees, market, cap), raised + 1
        assert raised < 500
    if raised:
        least = Fees(last.max_fee + last.max_fee // 8 + 1, last.priority + last.priority // 8 + 1)
        assert (
            least.max_fee > cap.max_fee
            or least.priority > cap.priority
            or market.base_fee + least.priority > cap.max_fee
        )


@given(SENT, MARKETS)
def test_at_the_caps_there_is_no_replacement(before, now):
    assert fees_above(before, now, before) is None
    assert fees_above(before, now, Fees(before.max_fee, 10**14)) is None
    assert fees_above(before, now, Fees(10**14, before.priority)) is None


def test_a_fee_of_nothing_is_raised_all_the_same():
    assert fees_above(Fees(0, 0), Market(0, 0), Fees(10, 10)) == Fees(1, 1)


@given(st.integers(21_000, 10**7), WEI, st.integers(0, 10**20))
def test_the_most_a_transaction_takes(gas, max_fee, value):
    assert gas * 5 // 4 + 40_000 <= gas_limit(gas) <= gas * 5 // 4 + 50_000
    assert cost_most(gas, max_fee, value) == gas * max_fee + value
