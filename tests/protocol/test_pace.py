"""What a printer's finished prints tell of its pace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.pace import FARTHEST, PRIOR_PRINTS, pace_of

seconds = st.floats(1, 1e6)
prints = st.lists(st.tuples(seconds, seconds), max_size=40)


@pytest.mark.parametrize("told", [[], [(0, 5)], [(5, 0)], [(-1, 3)]])
def test_what_tells_nothing_changes_nothing(told):
    assert pace_of(told) == 1


@given(prints)
def test_a_pace_is_capped(told):
    assert 1 / FARTHEST <= pace_of(told) <= FARTHEST


@given(st.lists(seconds, min_size=1, max_size=40), st.floats(1 / FARTHEST, FARTHEST))
def test_it_lies_between_on_time_and_what_was_seen(expected, factor):
    found = pace_of([(each, each * factor) for each in expected])
    assert min(1, factor) * (1 - 1e-9) <= found <= max(1, factor) * (1 + 1e-9)


@given(st.floats(1.01, FARTHEST))
def test_more_prints_count_for_more(factor):
    few, many = (pace_of([(100, 100 * factor)] * count) for count in (1, 10 * PRIOR_PRINTS))
    assert 1 < few < many


@given(prints.filter(bool))
def test_the_reverse_prints_give_the_reverse_pace(told):
    back = [(taken, expected) for expected, taken in told]
    assert pace_of(back) == pytest.approx(1 / pace_of(told))


def test_one_print_paused_overnight_moves_nothing():
    usual = [(1000, 1200)] * 6
    assert pace_of([*usual, (1000, 50_000)]) == pytest.approx(pace_of([*usual, (1000, 1200)]))
