"""A price and its lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Malformed
from protocol.units import Address, Wei
from provider_agent.config import Policy
from provider_agent.errors import NoPrice
from provider_agent.pricing import (
    GWEI,
    HOUR,
    Breakdown,
    Circumstances,
    Item,
    Use,
    Work,
    price_by_script,
    price_of_work,
)
from tests.provider_agent.samples import ADA, POLICY

DAY = 86_400
ETHER = 10**18
CHARLIE = Address("0x" + "22" * 20)
EASY = Circumstances(designer=ADA, confidential=False, load=0, slack_s=10**6)
WORK = Work(seconds=2 * HOUR, prints=3, uses=(Use("PLA", 100_000, Wei(10**13)),), watts=150)
COST = 2 * 10**15 + 10**15 + 3 * 10**12

amounts = st.integers(0, 10**17).map(Wei)
margins = st.integers(-10_000, 100_000)
limits = st.none() | st.integers(1, 10**18).map(Wei)
policies = st.builds(
    lambda amount, margin, limit, near: replace(
        POLICY,
        **dict(
            zip(("machine_hour_wei", "setup_wei", "minimum_wei", "kwh_wei", "floor_wei"), amount, strict=True)
        ),
        **dict(zip(("load_bps", "confidential_bps", "deadline_bps"), margin, strict=True)),
        designer_bps={ADA: margin[0]},
        ceiling_wei=None if limit is None else Wei(max(limit, amount[-1])),
        deadline_near_s=near,
    ),
    st.tuples(*[amounts] * 5),
    st.tuples(*[margins] * 3),
    limits,
    st.integers(1, 10**6),
)
uses = st.builds(
    Use, st.sampled_from(["PLA", "PETG"]), st.integers(0, 10**8), amounts, st.sampled_from(["", "a1"])
)
works = st.builds(
    Work,
    st.integers(1, 10**7),
    st.integers(1, 1000),
    st.lists(uses, max_size=4).map(tuple),
    st.integers(0, 5000),
)
circumstances = st.builds(
    Circumstances,
    designer=st.sampled_from([ADA, CHARLIE]),
    confidential=st.booleans(),
    load=st.integers(0, 1000),
    slack_s=st.integers(-(10**6), 10**7),
)


def items(found: Breakdown) -> dict[Item, int]:
    return {line.item: line.wei for line in found.lines}


def price(
    policy: Policy = POLICY, work: Work = WORK, about: Circumstances = EASY, units: int = 1
) -> Breakdown:
    return price_of_work(policy, work, about, units)


def test_limits_that_leave_no_price_for_so_many_units_are_none() -> None:
    tight = replace(POLICY, floor_wei=Wei(7), ceiling_wei=Wei(7))
    with pytest.raises(NoPrice, match="No price of 2 units is within"):
        price(tight, units=2)
    assert price(tight, units=7).price == 7


@pytest.mark.parametrize(
    ("asked", "reason"),
    [(0, "below the floor"), (99, "below the floor"), (-5, "below the floor"), (10_001, "above the ceiling")],
)
def test_a_script_asks_nothing_outside_the_limits(asked, reason) -> None:
    bound = replace(POLICY, floor_wei=Wei(100), ceiling_wei=Wei(10_000))
    with pytest.raises(NoPrice, match=reason):
        price_by_script(bound, price(bound), asked)


def test_a_script_price_that_units_cannot_share_within_the_limits_is_none() -> None:
    bound = replace(POLICY, floor_wei=Wei(100), ceiling_wei=Wei(102))
    before = price(bound, units=3)
    with pytest.raises(NoPrice, match="cannot be split over 7 units"):
        price_by_script(replace(bound, ceiling_wei=Wei(101)), replace(before, units=7), 101)


def test_a_breakdown_that_is_none_is_refused() -> None:
    for data in (None, {}, {"units": 1, "lines": [{"item": "bribe", "what": "", "wei": "1"}]}):
        with pytest.raises(Malformed):
            Breakdown.from_json(data)


@given(policy=policies, work=works, about=circumstances, units=st.integers(1, 1000))
def test_the_lines_sum_to_a_price_within_the_limits_that_all_units_share(policy, work, about, units) -> None:
    try:
        found = price(policy, work, about, units)
    except NoPrice:
        assert policy.ceiling_wei is not None
        assert policy.ceiling_wei // units * units < max(1, policy.floor_wei)
        return
    assert found.price == sum(line.wei for line in found.lines) == found.unit_price * units
    assert found.price >= max(1, policy.floor_wei)
    assert policy.ceiling_wei is None or found.price <= policy.ceiling_wei
    assert all(line.wei and line.what for line in found.lines)
    assert Breakdown.from_json(found.to_json()) == found


@given(
    policy=policies, work=works, about=circumstances, units=st.integers(1, 50), asked=st.integers(-5, 10**18)
)
def test_a_script_price_is_the_one_asked_to_less_than_a_wei_a_unit(policy, work, about, units, asked) -> None:
    try:
        found = price_by_script(policy, price(policy, work, about, units), asked)
    except NoPrice:
        return
    assert abs(found.price - asked) < units
    assert found.price == found.unit_price * units
    assert max(1, policy.floor_wei) <= found.price <= (policy.ceiling_wei or found.price)


@given(work=works, units=st.integers(1, 1000), amount=st.tuples(amounts, amounts, amounts))
def test_without_new_keys_the_price_is_what_it_was(work, units, amount) -> None:
    hour, setup, least = amount
    policy = replace(POLICY, machine_hour_wei=hour, setup_wei=setup, minimum_wei=least)
    material = sum(use.gram_wei * use.milligrams for use in work.uses)
    cost = setup * work.prints + -(-hour * work.seconds // HOUR) + -(-material // 1000)
    unit = -(-max(1, least, cost) // units)
    assert price(policy, work, units=units).unit_price == -(-unit // GWEI) * GWEI


@pytest.mark.parametrize(
    ("changes", "about", "item", "wei"),
    [
        ({"kwh_wei": Wei(10**14)}, {}, Item.ENERGY, 3 * 10**13),
        ({"load_bps": 2000}, {"load": 500}, Item.LOAD, COST // 10),
        ({"designer_bps": {ADA: -500}}, {}, Item.DESIGNER, -COST // 20),
        ({"confidential_bps": 1000}, {"confidential": True}, Item.CONFIDENTIAL, COST // 10),
        ({"deadline_bps": 1000, "deadline_near_s": DAY}, {"slack_s": DAY // 2}, Item.DEADLINE, COST // 20),
        ({"deadline_bps": 1000, "deadline_near_s": DAY}, {"slack_s": -5}, Item.DEADLINE, COST // 10),
        ({"minimum_wei": Wei(ETHER)}, {}, Item.MINIMUM, ETHER - COST),
        ({"floor_wei": Wei(ETHER)}, {}, Item.FLOOR, ETHER - COST),
        ({"ceiling_wei": Wei(10**15)}, {}, Item.CEILING, 10**15 - COST),
    ],
)
def test_each_key_has_its_line(changes, about, item, wei) -> None:
    found = items(price(replace(POLICY, **changes), about=replace(EASY, **about)))
    assert found[item] == wei
    assert set(found) - {item} == {Item.MACHINE, Item.MATERIAL, Item.SETUP}


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"load_bps": 2000}, {}),
        ({"designer_bps": {CHARLIE: 500}}, {}),
        ({"confidential_bps": 1000}, {}),
        ({"deadline_bps": 1000, "deadline_near_s": DAY}, {"slack_s": DAY}),
    ],
)
def test_a_margin_whose_reason_is_not_there_adds_nothing(changes, about) -> None:
    assert price(replace(POLICY, **changes), about=replace(EASY, **about)) == price()


def test_margins_are_on_one_base_and_the_minimum_comes_before_them() -> None:
    policy = replace(
        POLICY, minimum_wei=Wei(ETHER), load_bps=1000, designer_bps={ADA: 1000}, confidential_bps=1000
    )
    found = items(price(policy, about=replace(EASY, load=1000, confidential=True)))
    assert found[Item.LOAD] == found[Item.DESIGNER] == found[Item.CONFIDENTIAL] == ETHER // 10
