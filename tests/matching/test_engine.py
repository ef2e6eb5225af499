"""The engine agrees with protocol.capability, printer by printer, and ranks deterministically."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.matching.columns import columns_of
from marketplace.matching.engine import WEIGHTS, BidColumns, Lack, lacks, rank
from protocol.capability import Capability, Material, Requirement, satisfies

KINDS = ("PLA", "PETG", "ASA")
COLOURS = ("black", "white", "red")

lengths = st.integers(min_value=1, max_value=400_000)
sizes = st.tuples(lengths, lengths, lengths)
layers = st.integers(min_value=40, max_value=400)
materials = st.lists(
    st.builds(
        Material,
        st.sampled_from(KINDS),
        st.lists(st.sampled_from(COLOURS), max_size=3, unique=True).map(tuple),
    ),
    min_size=1,
    max_size=4,  # a kind may be listed twice: the first listing counts
).map(tuple)


@st.composite
def capabilities(draw) -> Capability:
    low, high = sorted([draw(layers), draw(layers)])
    return Capability("FDM", draw(sizes), draw(materials), 400, low, high)


requirements = st.builds(
    Requirement, sizes, st.sampled_from(KINDS), st.sampled_from(("any", *COLOURS)), layers
)


@given(st.lists(capabilities(), max_size=8), requirements)
def test_engine_and_protocol_agree_on_who_can_make_it(printers, requirement):
    found = lacks(columns_of(printers), requirement)
    assert [bool(bits) for bits in found] == [bool(satisfies(one, requirement)) for one in printers]


@given(capabilities(), requirements)
def test_every_lack_is_one_sentence_of_the_protocol(printer, requirement):
    bits = Lack(int(lacks(columns_of([printer]), requirement)[0]))
    assert len(list(bits)) == len(satisfies(printer, requirement))


def test_a_colour_is_not_lacking_where_the_material_is():
    printer = Capability("FDM", (200_000,) * 3, (Material("PLA", ("red",)),), 400, 100, 300)
    wants = Requirement((10_000,) * 3, "PETG", "red", 200)
    assert lacks(columns_of([printer]), wants).tolist() == [Lack.MATERIAL]


def test_no_printers_is_an_empty_answer():
    assert lacks(columns_of([]), Requirement((1, 1, 1), "PLA", "any", 200)).shape == (0,)


def bids(prices, *, left=86_400, times=None, completed=None, failed=None, received=None):
    n = len(prices)
    return BidColumns(
        ids=[f"0x{row:02x}" for row in range(n)],
        price=prices,
        make_time_s=times or [3600] * n,
        time_left_s=[left] * n,
        completed=completed or [0] * n,
        failed=failed or [0] * n,
        received_at_s=received or [0.0] * n,
    )


def order(columns):
    return [place.id for place in rank(columns)]


def test_no_bids_no_ranking():
    assert rank(bids([])) == ()


def test_all_else_equal_the_cheaper_wins_even_by_one_wei_beyond_float_precision():
    assert order(bids([10**20 + 1, 10**20])) == ["0x01", "0x00"]


def test_all_else_equal_the_faster_wins():
    assert order(bids([5, 5], times=[7200, 3600])) == ["0x01", "0x00"]


def test_all_else_equal_the_better_record_wins():
    assert order(bids([5, 5], completed=[1, 5], failed=[1, 1])) == ["0x01", "0x00"]


def test_a_full_tie_goes_to_the_earlier_then_to_the_smaller_id():
    assert order(bids([5, 5, 5], received=[3.0, 2.0, 2.0])) == ["0x01", "0x02", "0x00"]


def test_a_bid_that_cannot_meet_the_deadline_gets_nothing_for_time():
    late, soon = rank(bids([5, 5], times=[90_000, 10], left=3600))[::-1]
    assert late.parts["time"] == 0 < soon.parts["time"]


@given(
    st.lists(
        st.tuples(st.integers(1, 2**96 - 1), st.integers(1, 10**7), st.integers(0, 50), st.integers(0, 50)),
        min_size=1,
        max_size=12,
    ),
    st.floats(-1e6, 1e7),
    st.randoms(use_true_random=False),
)
def test_ranking_does_not_depend_on_the_order_bids_arrive_in_the_query(rows, time_left_s, random):
    columns = bids(
        [r[0] for r in rows],
        left=time_left_s,
        times=[r[1] for r in rows],
        completed=[r[2] for r in rows],
        failed=[r[3] for r in rows],
    )
    shuffled = list(range(len(rows)))
    random.shuffle(shuffled)
    again = BidColumns(**{k: [v[i] for i in shuffled] for k, v in vars(columns).items()})
    assert rank(again) == rank(columns)


@given(st.lists(st.integers(1, 2**96 - 1), min_size=1, max_size=12))
def test_parts_add_up_to_the_score_and_ranks_are_1_to_n(prices):
    ranked = rank(bids(prices))
    assert [place.rank for place in ranked] == list(range(1, len(prices) + 1))
    for place in ranked:
        assert sum(place.parts.values()) == pytest.approx(place.score, abs=1e-5)
        assert 0 <= place.score <= 1


def test_weights_share_one():
    assert np.isclose(sum(WEIGHTS.values()), 1)
