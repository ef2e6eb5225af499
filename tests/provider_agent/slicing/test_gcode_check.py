"""Which G-code a printer is given: what is not on the list is refused by its line, and no move leaves the bed.

The oracle is the virtual printer's own reader of G-code, which takes every form and mode and was written apart.
"""

from __future__ import annotations

import asyncio
import io
import math
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provider_agent.drivers.virtual.gcode import parse_line
from provider_agent.drivers.virtual.interpreter import Interpreter
from provider_agent.drivers.virtual.steps import Broken, Heat, Heater, Moves
from provider_agent.slicing import slice_model
from provider_agent.slicing.errors import GcodeRefused
from provider_agent.slicing.gcode_check import ALLOWED, gcode_check, lines_check
from provider_agent.slicing.gcode_head import Limits
from provider_agent.slicing.recipe import Recipe
from tests.provider_agent.slicing.conftest import PRUSA, profile

LIMITS = Limits((220.0, 200.0, 250.0), 210, 60)
START = ["G21", "G90", "M82", "G28"]


def refused(*lines: str | bytes, start: list[str] | None = None) -> GcodeRefused:
    """The refusal of these lines after a start."""
    text = b"\n".join(
        line if isinstance(line, bytes) else line.encode()
        for line in (*(START if start is None else start), *lines)
    )
    with pytest.raises(GcodeRefused) as caught:
        lines_check(io.BytesIO(text), LIMITS)
    return caught.value


def passes(text: bytes, limits: Limits = LIMITS) -> bool:
    try:
        lines_check(io.BytesIO(text), limits)
    except GcodeRefused:
        return False
    return True


def accepted(*lines: str) -> None:
    lines_check(io.BytesIO("\n".join((*START, *lines)).encode()), LIMITS)


@pytest.mark.parametrize(
    "line",
    [
        *("M500", "M501", "M502", "M503", "M504", "M997", "M928 f", "M28 f.g", "M29", "M30 f.g", "M23 f.g"),
        *(
            "M24",
            "M25",
            "M32 f.g",
            "M112",
            "M108",
            "M999",
            "M81",
            "M80",
            "M42 P1 S1",
            "M43",
            "M301 P1",
            "M303",
        ),
        *(
            "M92 X1",
            "M201 X1",
            "M203 X9999",
            "M206 X9",
            "M851 Z-9",
            "M211 S0",
            "M302 P1",
            "M303 E0",
            "M906 X9",
        ),
        *("M0", "M1", "M600", "M601", "M117 hello", "M118 A1 hello", "M220 S999", "M221 S999", "M569 S0 X"),
        *(
            "G10",
            "G11",
            "G17",
            "G18",
            "G20",
            "G27",
            "G29",
            "G30",
            "G53",
            "G54",
            "G92",
            "G92 X0",
            "G92.1",
            "G5",
        ),
        *("T0", "T1", "D3", "S1", "X10", "F100", "M", "G", "1", "FIRMWARE_RESTART", "SAVE_CONFIG", "RESTART"),
        *(
            "SET_PIN PIN=a VALUE=1",
            "RUN_SHELL_COMMAND CMD=a",
            "{% if 1 %}",
            "_MACRO",
            "@pause",
            "$H",
            "?",
            "!",
        ),
        *("~", "%", "//action:pause", "echo", "0x00", "G1;M500\rM500", "M862.3 P MK3S", "M862 P"),
    ],
)
def test_what_is_not_on_the_list_is_refused_by_its_line(line: str) -> None:
    refusal = refused("G1 X10", line, "G1 X20")
    assert refusal.line == 6
    assert refusal.command == line[:60].encode().decode("ascii", "backslashreplace").strip()
    assert "line 6" in str(refusal)


@pytest.mark.parametrize(
    "line",
    [
        *("g1 x10", "g28", "m500", "G1X10Y10", "G1  X10", " G1 X10", "\tG1 X10", "G1\tX10", "G1 X 10"),
        *("N1 G1 X10", "N3 G1 X10*33", "G1 X10*33", "N1 M500*33", "G1 X10 G1 X20", "G1 X10 M500", "G1 M500"),
        *("(hello)", "G1 (hello) X10", "(G1 X10", "G1 X10 (", "\\;G1 X10", "G1 X10 \\;M500", "/G1 X10"),
        *("G01 X10", "G001", "M0104 S0", "G1 X1e2", "G1 X+1", "G1 X--1", "G1 X1.2.3", "G1 X1,2", "G1 X0x10"),
        *("G1 X", "G1 X-", "G1 X.", "G1 X10 X10", "G1 F10 X1 F10", "G1 X99999999", "G1 X1 A2", "G1 X1 S100"),
        *("G1 XNaN", "G1 Xinf", "G28 X0", "G28 W", "G21 X", "M84 S1", "G90 X1", "M107 P1", "M104 T0 S0"),
    ],
)
def test_a_known_command_in_another_form_is_refused(line: str) -> None:
    assert refused(line).line == 5


@pytest.mark.parametrize(
    "line",
    [
        *(
            b"G1 X10\r",
            b"G1 X10 ;a\rM500",
            b";a\rM500",
            b"\x00",
            b";\x00",
            b"G1 X10\x00",
            b"\xff\xfe",
            b";\xc3\xa9",
        ),
        *(b"GCDE\x01\x00\x00\x00", b"PK\x03\x04", b"G1 X10\x0bY10", b"G1 X10\x85Y10", b"\x1b[2J", b";\x7f"),
    ],
)
def test_bytes_that_are_no_plain_text_are_refused(line: bytes) -> None:
    assert refused(line).line == 5


def test_long_lines_are_refused_and_not_cut_into_others() -> None:
    accepted(";" + "x" * 4094)
    assert "more than 4096" in str(refused(";" + "x" * 4096))
    assert "more than 4096" in str(refused(";" + "x" * 4095 + "M500"))
    assert "more than 95" in str(refused("G4 P1" + " " * 95 + "S1"))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["G1 X220.02"], "X = 220.02"),
        (["G1 X-0.02"], "X = -0.02"),
        (["G1 Y200.1"], "Y = 200.1"),
        (["G1 Z250.1"], "Z = 250.1"),
        (["G1 Z-1"], "Z = -1"),
        (["G1 X200", "G91", "G1 X15", "G1 X15"], "X = 230"),
        (["G91", "G1 X15"], "not known"),
        (["G1 X1 Y1", "G28 X", "G91", "G1 X1"], "not known"),
        (["G1 X1", "M84", "G1 X2"], "before homing"),
        (["G1 X100 Y100", "G2 X120 Y100 I11"], "one distance"),
        (["G1 X100 Y1", "G3 X120 Y1 I10 J0"], "Y = -9"),
        (["G1 X100 Y195", "G2 X120 Y195 I10 J0"], "Y = 205"),
        (["G1 X5 Y100", "G3 X5 Y100 I-10 J0"], "X = -15"),
        (["G1 X100 Y100", "G2 X110 Y100"], "centre"),
        (["G2 X110 Y100 I10"], "known start"),
        (["G1 X100 Y100", "G2 X120 Y100 R10"], "R10"),
        (["M104 S211"], "limit is 210"),
        (["M109 S500"], "limit is 210"),
        (["M140 S61"], "limit is 60"),
        (["M190 S-1"], "limit is 60"),
        (["M104"], "S is missing"),
        (["M109 R200"], "does not belong"),
        (["M106 S256"], "fan"),
        (["M106"], "missing"),
        (["G4 S601"], "wait"),
        (["G4 P600001"], "wait"),
        (["G1 F0"], "speed"),
        (["G1 F-5"], "speed"),
        (["G1 F60001"], "speed"),
        (["G1 E51"], "filament"),
        (["G1 E-51"], "filament"),
        (["G1 X0 Y0", "G1 X100 E151"], "filament"),
        (["M83", "G1 E50", "G1 E50", "G1 E50.1"], "filament"),
        (["G92 E-100", "G1 E0"], "filament"),
        (["M83", "G90", "G1 E1"], "M82 or M83"),
        (["G91", "M82", "G1 E1"], "M82 or M83"),
        (["M104 S200"], "nozzle heated"),
        (["M140 S50", "M104 S0"], "bed heated"),
    ],
)
def test_what_is_beyond_the_bounds_is_refused(lines: list[str], why: str) -> None:
    assert why in str(refused(*lines))


@pytest.mark.parametrize(
    "start",
    [["G21", "G90", "M82"], ["G90", "M82", "G28"], ["G21", "M82", "G28"], ["G21", "G90", "G28 Y"], []],
)
def test_nothing_moves_before_homing_and_while_a_mode_is_what_it_was(start: list[str]) -> None:
    refused("G1 X10", start=start)


@pytest.mark.parametrize("start", [["G21", "G90"], ["G21", "M82"], ["G21", "M83", "G90"], []])
def test_no_filament_moves_while_firmware_differ_about_its_mode(start: list[str]) -> None:
    refused("G1 E1", start=start)


def test_what_is_on_the_list_and_inside_is_printed() -> None:
    accepted("G1 X220 Y200 Z250 F60000", "G1 X0 Y0 Z0 E50", "G92 E0", "G1 E-50", "G91", "G1 X220 E1", "G90")
    accepted("M104 S210", "M190 S60", "M104 S0", "M140 S0.0", "M106 S127.5", "M107", "G4 P500", "G4 S1", "")
    accepted("G1 X.5 Y5. ; a comment", ";LAYER:0 (with) N1 M500*7", "G1 F600", "M84")
    accepted(
        "G0 X10 Y50", "G2 X30 Y50 I10 J0 E0.5 F600", "G3 X10 Y50 Z1 I-10 J0", "G2 I5", "G2 X10 Y50 I5 J1"
    )


def test_nothing_of_a_large_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "part.gcode"
    path.write_text("\n".join((*START, *["G1 X10 Y20 E1"] * 50_000, "M500")))
    with pytest.raises(GcodeRefused, match="line 50005 of the G-code, 'M500'"):
        gcode_check(path, LIMITS)


@given(st.text(st.characters(max_codepoint=255), max_size=30))
def test_any_line_that_is_let_through_is_empty_or_starts_with_a_command_of_the_list(text: str) -> None:
    line = text.encode("latin-1").replace(b"\n", b"")
    if not passes(b"G21\nG90\nM82\nG28\n" + line):
        return
    command = line.partition(b";")[0].rstrip(b" ")
    assert not command or command.split()[0].decode() in ALLOWED


CODES = st.sampled_from("GMT")
NUMBERS = st.decimals(-300, 300, places=3).map(str)
WORDS = st.tuples(st.sampled_from("XYZEFIJRSPNT"), st.one_of(st.just(""), NUMBERS)).map("".join)


@given(CODES, st.integers(0, 999), st.lists(WORDS, max_size=4))
def test_no_other_code_is_let_through_whatever_its_words(letter: str, number: int, words: list[str]) -> None:
    if f"{letter}{number}" not in ALLOWED:
        assert refused(" ".join([f"{letter}{number}", *words])).line == 5


def inside(lines: list[str], limits: Limits) -> None:
    """By the oracle, started at the corner where it homes: all moves on the bed, all targets within limits."""
    room = np.array(limits.room_mm)
    for step in Interpreter(np.zeros(4), 1000.0).steps(lines):
        assert not isinstance(step, Broken), step
        if isinstance(step, Moves):
            assert (step.targets[:, :3] >= -0.1).all()
            assert (step.targets[:, :3] <= room + 0.1).all()
        if isinstance(step, Heat):
            most = limits.nozzle_c if step.heater is Heater.NOZZLE else limits.bed_c
            assert 0 <= step.target_c <= most


PLACES = st.decimals(-60, 260, places=2)
MOVES = st.lists(
    st.one_of(
        st.builds(
            lambda code, words: " ".join([code, *(f"{k}{v}" for k, v in words.items())]),
            st.sampled_from(["G0", "G1", "G2", "G3"]),
            st.dictionaries(st.sampled_from("XYZEIJ"), PLACES, max_size=5),
        ),
        st.sampled_from(
            ["G90", "G91", "M82", "M83", "G92 E0", "G92 X0", "G92", "G20", "G28", "G28 X", "G21", "M84"]
        ),
        st.builds("M104 S{}".format, st.integers(-10, 400)),
    ),
    max_size=12,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@example(["G1 X10 Y10", "G2 X10.04 Y10 I5"])
@example(["G1 X2 Y100", "G3 X2.01 Y100 I5 J0"])
@given(MOVES)
def test_no_program_that_is_let_through_leaves_the_bed(moves: list[str]) -> None:
    lines = [*START, *moves]
    passed = []
    for line in lines:
        if passes("\n".join([*passed, line, "M104 S0"]).encode()):
            passed.append(line)
    inside(passed, LIMITS)


@pytest.fixture(scope="module", params=["cura-wasm", PRUSA])
def sliced(request: pytest.FixtureRequest, tmp_path_factory) -> tuple[Path, list[str]]:
    """A ball with supports, as a slicer here makes it; slicing itself has checked it."""
    folder = tmp_path_factory.mktemp("ball")
    trimesh.creation.icosphere(subdivisions=2, radius=8).export(folder / "ball.stl")
    made = asyncio.run(
        slice_model(folder / "ball.stl", profile(), folder / "ball.gcode", slicer=request.param)
    )
    return made.path, made.path.read_text().splitlines()


def test_what_our_slicers_make_passes_and_stays_on_the_bed(sliced) -> None:
    path, lines = sliced
    gcode_check(path, Limits.of(profile()))
    inside(lines, Limits.of(profile()))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_change_to_good_gcode_is_refused_or_harmless(sliced, data: st.DataObject) -> None:
    """One line of a real file changed, moved, doubled or dropped."""
    limits = Limits.of(profile())
    lines = list(sliced[1])
    at = data.draw(st.integers(0, len(lines) - 1))
    letter, value = data.draw(st.sampled_from("XYZES")), data.draw(st.integers(-500, 500))
    changes = {
        "number": lines[at].replace(letter, f"{letter}{value}", 1),
        "word": f"{lines[at].partition(';')[0]} {letter}{value}",
        "another": lines[data.draw(st.integers(0, len(lines) - 1))],
        "mode": data.draw(st.sampled_from(["G91", "M83", "G20", "G92 X0", "G92 E0", "G28", "M84", "G90"])),
        "dropped": "",
    }
    lines[at] = changes[data.draw(st.sampled_from(sorted(changes)))]
    if passes("\n".join(lines).encode(), limits):
        inside(lines, limits)


@pytest.mark.parametrize("before", [";", "", "G1 X10", "G1 X10 ;"])
@given(st.binary(max_size=40))
def test_bytes_after_anything_are_refused_or_read_alike_by_the_printer(before: str, tail: bytes) -> None:
    line = before.encode() + tail
    if not passes(b"G21\nG90\nM82\nG28\n" + line):
        return
    for text in line.decode("ascii").split("\n"):
        command = parse_line(text)
        assert command is None or command.code in ALLOWED


def test_an_owners_start_and_end_are_checked_with_the_rest(tmp_path: Path) -> None:
    recipe = Recipe(profile(), (20_000, 20_000, 20_000))
    good = f"{recipe.start_gcode()}\nG1 X10 Y10 Z10\n{recipe.end_gcode()}"
    lines_check(io.BytesIO(good.encode()), Limits.of(profile()))
    with pytest.raises(GcodeRefused, match="M500"):
        lines_check(io.BytesIO(good.replace("M107", "M500").encode()), Limits.of(profile()))


@pytest.mark.parametrize("turn", ["G2", "G3"])
def test_a_circle_is_checked_all_the_way_wherever_it_begins(turn: str) -> None:
    for degrees in range(0, 360, 15):
        place = [100 + reach * part for reach in (99.9, 100.2) for part in _direction(degrees)]
        inner, outer = place[:2], place[2:]
        accepted(*_circle(turn, *inner))
        if max(outer) <= 200 and min(outer) >= 0:
            assert "a move to" in str(refused(*_circle(turn, *outer)))


def _direction(degrees: int) -> tuple[float, float]:
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def _circle(turn: str, x: float, y: float) -> list[str]:
    return [f"G1 X{x:.4f} Y{y:.4f}", f"{turn} X{x:.4f} Y{y:.4f} I{100 - x:.4f} J{100 - y:.4f}"]
