"""What may be said of a making by hand: each kind at each status, and texts with no room for an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.canonical import canonical_bytes
from protocol.evidence import Kind
from protocol.statuses import MakingStatus
from protocol.units import hex_of
from provider_agent.errors import StatementRefused
from provider_agent.stating import (
    SAID,
    is_repeated,
    measured,
    packed,
    part_named,
    shipped,
    statement_check,
)
from tests.provider_agent.samples import part

M = MakingStatus
ALLOWED = {
    Kind.MEASURED: {M.PRINTING, M.PRINTED, M.CLEARED, M.DELIVERED},
    Kind.PACKED: {M.CLEARED, M.DELIVERED},
    Kind.SHIPPED: {M.CLEARED, M.DELIVERED},
}
SPEC = (part(name="lid.stl", copies=2), part(name="2"), part(name="box.stl"))


@pytest.mark.parametrize("status", MakingStatus)
@pytest.mark.parametrize("kind", SAID)
def test_each_kind_at_each_status(kind: Kind, status: MakingStatus) -> None:
    if status in ALLOWED[kind]:
        statement_check(kind, status, "p1")
    else:
        with pytest.raises(StatementRefused, match=f"^not {kind}: .{{10}}"):
            statement_check(kind, status, "p1")


def test_a_print_on_its_plate_names_the_command_that_clears_it() -> None:
    with pytest.raises(StatementRefused, match="infill-agent clear p1"):
        statement_check(Kind.SHIPPED, M.PRINTED, "p1")


@pytest.mark.parametrize("name", ["", "0", "4", "-1", "lid", "\u0661"])
def test_there_is_no_such_part(name: str) -> None:
    with pytest.raises(StatementRefused, match=r"the parts are 1 \(lid.stl\), 2 \(2\), 3 \(box.stl\)"):
        part_named(SPEC, name)


@pytest.mark.parametrize(("name", "place"), [("lid.stl", 0), ("1", 0), ("2", 1), ("3", 2)])
def test_a_part_by_its_name_or_else_its_number(name: str, place: int) -> None:
    assert part_named(SPEC, name) == place


def test_a_name_of_two_parts_is_not_taken_for_either() -> None:
    alike = (part(name="lid.stl"), part(name="lid.stl"))
    with pytest.raises(
        StatementRefused, match=r"several parts are called 'lid.stl': .* 1 \(lid.stl\), 2 \(lid"
    ):
        part_named(alike, "lid.stl")
    assert part_named(alike, "2") == 1


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, "measured what"),
        ({"weight_mg": 0}, "weighs nothing"),
        ({"weight_mg": 5, "copy": 0}, "copies are 1 to 6"),
        ({"weight_mg": 5, "copy": 7}, "copies are 1 to 6"),
    ],
)
def test_what_is_no_measurement(facts: dict[str, int], why: str) -> None:
    with pytest.raises(StatementRefused, match=why):
        measured(SPEC, 0, 3, **{"copy": None, "size_um": None, "weight_mg": None, **facts})


def test_a_measurement_has_what_was_given_and_no_more() -> None:
    found = measured(SPEC, 0, 3, copy=6, size_um=(20_020, 19_980, 10_050), weight_mg=None)
    lid = {"part": "lid.stl", "part_number": 0, "model": hex_of(SPEC[0].model)}
    assert found == {**lid, "copy": 5, "size_um": [20_020, 19_980, 10_050]}
    assert measured(SPEC, 0, 3, copy=1, size_um=None, weight_mg=5) == {**lid, "copy": 0, "weight_mg": 5}
    assert measured(SPEC, 0, 3, copy=None, size_um=None, weight_mg=5) == {**lid, "weight_mg": 5}
    assert packed(weight_mg=None) == {}
    assert packed(weight_mg=412_000) == {"weight_mg": 412_000}


@pytest.mark.parametrize(
    "carrier", ["", " ", "-", "&", "D" * 41, "a\x1b[2Jb", "a\u202eb", "x, 12 Elm St", "_"]
)
def test_what_is_no_carrier(carrier: str) -> None:
    with pytest.raises(StatementRefused, match="is no carrier"):
        shipped(carrier=carrier, tracking="1")


@pytest.mark.parametrize(
    "tracking", ["", "-", "1" * 65, "12\x00", "M\u00fcller", "1, Elm St", "1#2", "a@b.c"]
)
def test_what_is_no_tracking_number(tracking: str) -> None:
    with pytest.raises(StatementRefused, match="is no tracking number"):
        shipped(carrier="DHL", tracking=tracking)


@pytest.mark.parametrize("carrier", ["DHL", "D", "Österreichische Post", "DPD & Co", "GLS-2", "collected"])
@pytest.mark.parametrize("tracking", ["JJD 0000 1234", "1Z-99/8.7", "none", "0"])
def test_carriers_and_numbers_as_people_write_them(carrier: str, tracking: str) -> None:
    assert shipped(carrier=f" {carrier} ", tracking=tracking) == {"carrier": carrier, "tracking": tracking}


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_taken_is_short_printable_and_canonical(carrier: str, tracking: str) -> None:
    try:
        said = shipped(carrier=carrier, tracking=tracking)
    except StatementRefused:
        return
    assert (len(said["carrier"]) <= 40, len(said["tracking"]) <= 64) == (True, True)
    assert (said["carrier"] + said["tracking"]).isprintable()
    assert said["tracking"].isascii()
    assert canonical_bytes(said)


def test_the_same_word_again_is_a_repetition_whatever_else_its_record_has() -> None:
    said = shipped(carrier="DHL", tracking="1")
    record = {**said, "salt": "0x00", "statement": "12", "said_at": 5}
    assert not is_repeated(said, None)
    assert not is_repeated({**said, "tracking": "2"}, record)
    assert not is_repeated({}, record)
    assert is_repeated(said, record)
