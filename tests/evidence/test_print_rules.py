"""Which records tell how long a print took, and which tell nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.evidence.print_rules import LONGEST_S, Making, Told, prints_told
from protocol.evidence import Kind

MODEL = "0x" + "3d" * 32
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
MAKING = Making("0x" + "ab" * 32, "bo", "MK4-1", {MODEL: (1000.0, 2)})


def finished(**changed: Any) -> Told:
    payload = {"attempt": "a", "printer": "MK4-1", "model": MODEL, "copy": 0, "print_seconds": 1200.0}
    return Told(Kind.PRINT_FINISHED, payload | changed, "0x" + "5e" * 32, WHEN)


def told(*records: Told, making: Making = MAKING) -> list[tuple[int, float, float]]:
    return [(one.copy, one.expected_s, one.taken_s) for one in prints_told(records, making)]


@pytest.mark.parametrize(
    "changed",
    [
        {"printer": "another"},
        {"printer": None},
        {"model": "0x" + "00" * 32},
        {"model": [MODEL]},
        {"copy": -1},
        {"copy": 2},
        {"copy": 10**30},
        {"copy": True},
        {"items": [{"part": "clip", "part_number": 0, "model": MODEL, "copies": [0, 1]}]},
        {"copy": "0"},
        {"copy": None},
        {"print_seconds": None},
        {"print_seconds": 0},
        {"print_seconds": -1200.0},
        {"print_seconds": True},
        {"print_seconds": "1200"},
        {"print_seconds": nan},
        {"print_seconds": inf},
        {"print_seconds": 10**400},
        {"print_seconds": LONGEST_S + 1},
        {"paused_seconds": 1200},
        {"paused_seconds": -1},
        {"paused_seconds": "60"},
        {"paused_seconds": 10**400},
        {"paused_seconds": None},
    ],
    ids=str,
)
def test_what_is_wrong_tells_nothing(changed):
    assert told(finished(**changed)) == []


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PRINT_FINISHED])
def test_only_finished_prints_tell(kind):
    assert told(finished()._replace(kind=kind)) == []


def test_a_part_that_no_time_was_expected_of_tells_nothing():
    assert told(finished(), making=MAKING._replace(expected={MODEL: (0.0, 2)})) == []


def test_a_pause_of_unknown_length_makes_a_print_tell_nothing():
    paused = Told(Kind.PAUSED, {"attempt": "a"}, "0x" + "9a" * 32, WHEN)
    assert told(paused, finished()) == []
    assert told(paused, finished(attempt="b")) == [(0, 1000.0, 1200.0)]


def test_pauses_that_the_record_names_are_taken_out():
    paused = Told(Kind.PAUSED, {"attempt": "a"}, "0x" + "9a" * 32, WHEN)
    assert told(paused, finished(paused_seconds=300)) == [(0, 1000.0, 900.0)]


def test_each_copy_counts_once_by_its_first_record():
    records = [finished(), finished(attempt="b", print_seconds=3), finished(copy=1, print_seconds=900)]
    assert told(*records) == [(0, 1000.0, 1200.0), (1, 1000.0, 900.0)]


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
names = ("attempt", "printer", "model", "copy", "print_seconds", "paused_seconds")


@given(st.lists(st.dictionaries(st.sampled_from(names), json), max_size=4))
def test_whatever_is_written_is_read(payloads):
    for one in prints_told([finished(**payload) for payload in payloads], MAKING):
        assert one.printer == ("bo", "MK4-1")
        assert 0 <= one.copy < 2
        assert 0 < one.taken_s <= LONGEST_S
