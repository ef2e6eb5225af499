"""What is on a plate, in words that hold whatever a record says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.plates import copies_text, payload_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
MEMBERS = st.sampled_from(["part", "copies", "places", "model"])


@given(st.dictionaries(st.sampled_from(["items", "part"]), JSON | st.lists(st.dictionaries(MEMBERS, JSON))))
def test_whatever_a_record_says_it_is_told(payload) -> None:
    assert isinstance(payload_text(payload), str)


@pytest.mark.parametrize(
    ("copies", "text"),
    [
        ([], ""),
        ([("clip", 0)], ""),
        ([("clip", 1)], "'clip'"),
        ([("clip", 4)], "4 copies of 'clip'"),
        ([("clip", 4), ("lid", 2)], "4 copies of 'clip' and 2 of 'lid'"),
        ([("clip", 1), ("lid", 2), ("pin", 1)], "1 copy of 'clip', 2 of 'lid' and 1 of 'pin'"),
    ],
)
def test_copies_are_counted(copies, text) -> None:
    assert copies_text(copies) == text


def test_a_record_of_one_copy_is_told_by_its_part() -> None:
    assert payload_text({"part": "clip", "copy": 3}) == "clip"


def test_records_of_slicing_and_of_prints_are_told_alike() -> None:
    for items in (
        [{"part": "clip", "places": [[0, 0, False]] * 4}],
        [{"part": "clip", "copies": [0, 1, 2, 3]}],
    ):
        assert payload_text({"items": items}) == "4 copies of 'clip'"
