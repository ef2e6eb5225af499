"""From sheets to plates: every copy on exactly one, and a filament loaded once."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.errors import JournalBroken
from provider_agent.plates.arranging import Piece, Run, arrange
from provider_agent.plates.plan import Plate, Sheet, copies_in_order, plates_of, sheets_of
from provider_agent.slicing.place import Place
from tests.provider_agent.samples import part

HERE = Place(0, 0, False)
parts = st.lists(
    st.builds(part, copies=st.integers(1, 5), colour=st.sampled_from(["black", "white"])),
    min_size=1,
    max_size=5,
)


def planned(found: list, units: int, seconds: float) -> list[Sheet]:
    """What is arranged by filament, of pieces that are all alike."""
    runs = {}
    for filament in {one.filament for one in found}:
        pieces = [
            Piece(place, (40_000, 30_000), one.copies * units, 100, 12)
            for place, one in enumerate(found)
            if one.filament == filament
        ]
        runs[filament] = arrange(pieces, (220_000, 220_000), seconds)
    return sheets_of(found, units, runs)


@given(parts, st.integers(1, 4), st.integers(0, 2000), st.data())
def test_every_copy_is_on_exactly_one_plate(found, units: int, seconds: int, data) -> None:
    """Also once sheets are taken apart."""
    sheets = planned(found, units, seconds)
    kept = data.draw(st.lists(st.sampled_from(sheets), unique=True)) if sheets else []
    for plan in (sheets, kept, []):
        plates = plates_of(found, units, plan)
        made = Counter((part, copy) for plate in plates for part, copies in plate.copies for copy in copies)
        assert made == Counter(copies_in_order(found, units))
        assert len({plate.number for plate in plates}) == len(plates)
        assert plates == sorted(plates, key=lambda plate: plate.number)


@given(parts, st.integers(1, 4), st.integers(0, 2000))
def test_plates_are_numbered_without_a_gap_and_each_filament_is_loaded_once(
    found, units: int, seconds: int
) -> None:
    plates = plates_of(found, units, planned(found, units, seconds))
    assert [plate.number for plate in plates] == list(range(len(plates)))
    loaded = [found[plate.part].filament for plate in plates]
    assert len(
        [here for before, here in zip([None, *loaded], loaded, strict=False) if here != before]
    ) == len(set(loaded))


def test_without_sheets_every_copy_has_the_number_that_it_always_had() -> None:
    found = [part(copies=2), part(copies=1, colour="white"), part(copies=1)]
    plates = plates_of(found, 2)
    assert [(plate.sheet, plate.copies[0][1]) for plate in plates] == [
        *[(0, (0,)), (0, (1,)), (2, (0,)), (0, (2,)), (0, (3,)), (2, (1,))],
        *[(1, (0,)), (1, (1,))],
    ]
    assert [plate.number for plate in plates] == list(range(8))


def test_a_sheet_taken_apart_moves_no_plate_of_another() -> None:
    found = [part(copies=2), part(copies=2, colour="white")]
    sheets = sheets_of(
        found, 2, {one.filament: [Run(((place, (HERE, HERE)),), 2)] for place, one in enumerate(found)}
    )
    whole = plates_of(found, 2, sheets)
    assert whole == [
        *[Plate(0, 2, ((0, (0, 1)),)), Plate(1, 2, ((0, (2, 3)),))],
        *[Plate(2, 3, ((1, (0, 1)),)), Plate(3, 3, ((1, (2, 3)),))],
    ]
    left = plates_of(found, 2, sheets[1:])
    assert [plate.number for plate in left] == list(range(6))
    assert left[2:4] == whole[2:]
    assert [plate.copies for plate in (*left[:2], *left[4:])] == [((0, (copy,)),) for copy in range(4)]


def test_two_sheets_with_one_plate_are_no_plan() -> None:
    sheets = [Sheet(1, 0, 2, ((0, (HERE, HERE)),)), Sheet(2, 1, 1, ((0, (HERE, HERE)),))]
    with pytest.raises(JournalBroken, match="two sheets of the plan have plate 1"):
        plates_of([part(copies=8)], 1, sheets)


def test_a_plan_of_more_than_was_awarded_is_refused() -> None:
    with pytest.raises(JournalBroken, match="more copies than were awarded"):
        plates_of([part(copies=1)], 1, [Sheet(1, 0, 1, ((0, (HERE, HERE)),))])
