"""One line of G-code at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.drivers.virtual.gcode import MalformedGcode, parse_line

numbers = st.decimals(min_value=-9999, max_value=9999, allow_nan=False, allow_infinity=False, places=4)


@pytest.mark.parametrize(
    "line", ["G1 X--5", "G1 X1.2.3", "G1 Xnan?", "G1 X10 @Y", "G1 X1_0", "M104 S{temperature}", "G", "G1 X=5"]
)
def test_a_damaged_line_is_refused(line: str) -> None:
    with pytest.raises(MalformedGcode):
        parse_line(line)


@pytest.mark.parametrize("line", ["", "   ", "; G1 X5", "(G1 X5)", "M117 Printing 5 of 10", "hello", "\n"])
def test_what_asks_for_nothing_is_no_command(line: str) -> None:
    assert parse_line(line) is None


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("G1 X10 Y-2.5 E.5 F1800", "G1", {"X": 10, "Y": -2.5, "E": 0.5, "F": 1800}),
        ("g1x10y-2.5", "G1", {"X": 10, "Y": -2.5}),
        ("N12 G1 X1*57", "G1", {"X": 1}),
        ("G01 X1 ; to the (left)", "G1", {"X": 1}),
        ("G1 X1E5", "G1", {"X": 1, "E": 5}),
        ("G28 X Y", "G28", {"X": 0, "Y": 0}),
        ("M104 S210 (hot)", "M104", {"S": 210}),
        ("G29.1", "G29.1", {}),
        ("T0", "T0", {}),
    ],
)
def test_spellings(line: str, code: str, words: dict[str, float]) -> None:
    assert parse_line(line) == (code, words)


@given(st.dictionaries(st.sampled_from("XYZEF"), numbers, min_size=1), st.booleans(), st.booleans())
def test_any_move_is_read_alike_however_it_is_spaced(
    words: dict[str, object], spaced: bool, comment: bool
) -> None:
    line = ("G1 " if spaced else "G1") + (" " if spaced else "").join(f"{k}{v:f}" for k, v in words.items())
    command = parse_line(line + (" ; move" if comment else ""))
    assert command is not None
    assert command.words == {key: float(value) for key, value in words.items()}


@given(st.text(max_size=60))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        command = parse_line(text)
    except MalformedGcode:
        return
    assert command is None or command.code[0] in "GMT"
