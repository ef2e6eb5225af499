"""Trapezoids: time, place and filament."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.drivers.virtual.motion import MotionLimits, Plan, plan
from provider_agent.drivers.virtual.steps import Moves

FAST = MotionLimits((1e6, 1e6, 1e6, 1e6), 8.0)
places = st.lists(
    st.tuples(st.floats(0, 200), st.floats(0, 200), st.floats(0, 200), st.floats(0, 50)),
    min_size=1,
    max_size=40,
)


def plan_of(
    targets: list[tuple[float, ...]], feed: float = 50, a: float = 1000, limits: MotionLimits = FAST
) -> Plan:
    n = len(targets)
    return plan(np.zeros(4), Moves(np.array(targets, float), np.full(n, feed), np.full(n, a)), limits)


def trapezoid(distance: float, feed: float, a: float) -> float:
    if feed * feed / a <= distance:
        return distance / feed + feed / a
    return 2 * math.sqrt(distance / a)


@given(st.floats(0.01, 500), st.floats(1, 500), st.floats(50, 20_000))
def test_a_straight_move_takes_the_time_of_its_trapezoid(distance: float, feed: float, a: float) -> None:
    assert plan_of([(distance, 0, 0, 1)], feed, a).seconds == pytest.approx(
        trapezoid(distance, feed, a), rel=1e-9
    )


@given(st.floats(1, 100), st.integers(2, 30))
def test_a_straight_line_in_pieces_takes_the_time_of_the_whole(distance: float, pieces: int) -> None:
    cut = plan_of([(distance * (i + 1) / pieces, 0, 0, 0) for i in range(pieces)])
    assert cut.seconds == pytest.approx(trapezoid(distance, 50, 1000), rel=1e-6)


@given(places, st.floats(5, 300), st.floats(100, 10_000))
def test_no_move_beats_its_feed_and_none_waits(
    targets: list[tuple[float, ...]], feed: float, a: float
) -> None:
    found = plan_of(targets, feed, a)
    times = np.diff(np.concatenate([[0.0], found.ends]))
    assert (times >= found.length / feed - 1e-9).all()
    alone = sum(trapezoid(float(length), feed, a) for length in found.length)
    assert found.seconds <= alone + 1e-6


@given(places, st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_the_head_is_on_its_way_and_ends_where_it_was_sent(
    targets: list[tuple[float, ...]], when: list[float]
) -> None:
    found = plan_of(targets)
    if not len(found.ends):
        assert found.seconds == 0
        return
    assert np.allclose(found.place(found.seconds), targets[-1], atol=1e-9)
    for part in when:
        place, i = found.place(part * found.seconds), found.index(part * found.seconds)
        corners = found.places[i : i + 2]
        assert (place >= corners.min(axis=0) - 1e-9).all()
        assert (place <= corners.max(axis=0) + 1e-9).all()


@given(places)
def test_speed_is_continuous_and_within_acceleration(targets: list[tuple[float, ...]]) -> None:
    found = plan_of(targets, 80, 700)
    gain = np.abs(found.leave**2 - found.entry**2)
    assert (gain <= 2 * 700 * found.length + 1e-6).all()
    assert np.allclose(found.entry[1:], found.leave[:-1])
    if len(found.ends):
        assert found.entry[0] == found.leave[-1] == 0


@given(places, st.lists(st.floats(0, 1), max_size=8))
def test_filament_is_conserved_however_time_is_cut(
    targets: list[tuple[float, ...]], when: list[float]
) -> None:
    found = plan_of(targets)
    stops = [0.0, *sorted(part * found.seconds for part in when), found.seconds]
    used = sum(found.place(b)[3] - found.place(a)[3] for a, b in pairwise(stops))
    assert used == pytest.approx(float(found.places[-1, 3]), abs=1e-6)


def test_a_sharp_corner_is_slower_than_a_straight_line() -> None:
    straight = plan_of([(20, 0, 0, 0), (40, 0, 0, 0)]).seconds
    corner = plan_of([(20, 0, 0, 0), (20, 20, 0, 0)]).seconds
    assert straight < corner < 2 * trapezoid(20, 50, 1000)


def test_a_slow_axis_holds_back_the_others() -> None:
    slow = MotionLimits((200.0, 200.0, 5.0, 60.0), 8.0)
    assert plan_of([(0, 0, 50, 0)], 200, 1000, slow).seconds == pytest.approx(trapezoid(50, 5, 1000))


def test_a_retraction_takes_time_too() -> None:
    assert plan_of([(0, 0, 0, -2)], 30, 1000).seconds == pytest.approx(trapezoid(2, 30, 1000))


def test_moves_that_go_nowhere_take_no_time() -> None:
    assert plan_of([(0, 0, 0, 0), (0, 0, 0, 0)]).seconds == 0
