"""Copies on plates: none overlaps another or leaves the bed, none is lost, and the limits hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.plates.arranging import (
    EDGE_UM,
    GAP_UM,
    MOST_COPIES,
    MOST_FACETS,
    MOST_PARTS,
    Layout,
    Piece,
    Run,
    arrange,
)
from provider_agent.slicing.recipe import SKIRT_ROOM_UM

BED = (220_000, 200_000)
CLIP = Piece(part=0, size_um=(30_000, 10_000), copies=4, seconds=600, facets=100)
AMPLE = 14_000

lengths = st.integers(1, 230_000)
pieces = st.lists(
    st.tuples(lengths, lengths, st.integers(1, 12), st.floats(1, 8000), st.integers(1, MOST_FACETS)),
    min_size=1,
    max_size=12,
).map(
    lambda found: [
        Piece(part, (x, y), copies, seconds, facets)
        for part, (x, y, copies, seconds, facets) in enumerate(found)
    ]
)
mosts = st.floats(0, 30_000)


def counted(layout: Layout) -> dict[int, int]:
    return {part: len(places) for part, places in layout}


def boxes(layout: Layout, known: list[Piece]) -> list[tuple[float, float, float, float]]:
    """(left, right, front, back) from the middle of the bed."""
    found = []
    for part, places in layout:
        for place in places:
            x, y = known[part].size_um[::-1] if place.turned else known[part].size_um
            found.append((place.x_um - x / 2, place.x_um + x / 2, place.y_um - y / 2, place.y_um + y / 2))
    return found


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return max(one[0] - other[1], other[0] - one[1], one[2] - other[3], other[2] - one[3])


@given(pieces, mosts)
def test_nothing_overlaps_or_leaves_the_bed(found: list[Piece], most: float) -> None:
    for run in arrange(found, BED, most):
        laid = boxes(run.layout, found)
        # Halves of odd lengths are rounded: two micrometres.
        assert all(apart(one, other) >= GAP_UM - 2 for one, other in combinations(laid, 2))
        for left, right, front, back in laid:
            assert max(-left, right) <= BED[0] / 2 - EDGE_UM + 2
            assert max(-front, back) <= BED[1] / 2 - EDGE_UM + 2


@given(pieces, mosts)
def test_no_copy_is_made_up_and_the_same_again_is_the_same(found: list[Piece], most: float) -> None:
    runs = arrange(found, BED, most)
    laid: Counter[int] = Counter()
    for run in runs:
        assert run.times >= 1
        assert sum(counted(run.layout).values()) >= 2
        for part, number in counted(run.layout).items():
            laid[part] += run.times * number
    assert all(laid[piece.part] <= piece.copies for piece in found)
    assert runs == arrange(found, BED, most)


@given(pieces, mosts)
def test_no_plate_takes_more_than_it_may(found: list[Piece], most: float) -> None:
    for run in arrange(found, BED, most):
        on = counted(run.layout)
        assert sum(found[part].seconds * number for part, number in on.items()) <= most * (1 + 1e-9)
        assert sum(found[part].facets * number for part, number in on.items()) <= MOST_FACETS
        assert sum(on.values()) <= MOST_COPIES
        assert len(on) <= MOST_PARTS


@pytest.mark.parametrize(
    ("piece", "most"),
    [
        (replace(CLIP, copies=1), AMPLE),
        (CLIP, 1199),
        (replace(CLIP, facets=MOST_FACETS // 2 + 1), AMPLE),
        (replace(CLIP, size_um=(210_000, 10_000)), AMPLE),
        (replace(CLIP, size_um=(200_000, 100_000)), AMPLE),
    ],
    ids=["one copy", "time", "facets", "at the edge", "half the bed"],
)
def test_what_may_not_share_a_plate_is_left_alone(piece: Piece, most: float) -> None:
    assert arrange([piece], BED, most) == []


def test_copies_that_fit_share_a_plate_and_plates_of_one_layout_are_one_run() -> None:
    (run,) = arrange([CLIP], BED, AMPLE)
    assert (run.times, counted(run.layout)) == (1, {0: 4})
    (run,) = arrange([replace(CLIP, copies=12)], BED, 2400)
    assert (run.times, counted(run.layout)) == (3, {0: 4})


def test_a_part_that_is_alone_on_its_plate_keeps_no_other_from_sharing() -> None:
    frame = Piece(1, (200_000, 178_000), 2, 100, 100)
    runs = arrange([CLIP, frame], BED, AMPLE)
    assert [(run.times, counted(run.layout)) for run in runs] == [(1, {0: 4})]


def test_small_parts_fill_what_large_ones_leave() -> None:
    frame = Piece(1, (200_000, 100_000), 1, 100, 100)
    assert [counted(run.layout) for run in arrange([CLIP, frame], BED, AMPLE)] == [{0: 4, 1: 1}]


def test_a_long_part_is_turned_where_only_that_fits() -> None:
    rod = replace(CLIP, size_um=(10_000, 190_000), copies=2)
    (run,) = arrange([rod], BED, AMPLE)
    assert all(place.turned for place in run.layout[0][1])
    (run,) = arrange([replace(rod, size_um=(190_000, 10_000))], (150_000, 220_000), AMPLE)
    assert all(place.turned for place in run.layout[0][1])


def test_the_same_in_other_words_is_arranged_the_same() -> None:
    pair = [CLIP, Piece(1, (50_000, 50_000), 3, 100, 100)]
    assert arrange(pair, BED, AMPLE) == arrange(pair[::-1], BED, AMPLE) != [Run((), 0)]


def test_there_is_room_for_a_line_around_every_plate() -> None:
    assert 2 * EDGE_UM >= SKIRT_ROOM_UM
