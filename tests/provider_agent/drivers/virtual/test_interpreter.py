"""Modes, offsets and units."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.drivers.virtual.interpreter import Interpreter
from provider_agent.drivers.virtual.steps import Broken, Dwell, Halt, Heat, Heater, Home, Moves, Step

steps_mm = st.lists(
    st.tuples(*(st.integers(-5000, 5000).map(lambda n: n / 100) for _ in range(3))), min_size=1, max_size=30
)


def steps(*lines: str) -> list[Step]:
    return list(Interpreter(np.zeros(4), 1000.0).steps(lines))


def last(*lines: str) -> list[float]:
    moves = [step for step in steps(*lines) if isinstance(step, Moves)]
    return [round(float(value), 6) for value in moves[-1].targets[-1]]


def test_a_damaged_line_ends_the_program_after_what_came_before_it() -> None:
    found = steps("G1 X1", "G1 X2..5", "G1 X3")
    assert [type(step) for step in found] == [Moves, Broken]
    assert len(found[0].targets) == 1


@pytest.mark.parametrize("line", ["G2 X10 Y0 I0 J0", "G3 X10 Y0 I1 J0", "G2 X10 Y0 R4", "G2 X0 Y0 R5"])
def test_an_arc_that_no_circle_passes_through_ends_the_program(line: str) -> None:
    assert isinstance(steps(line)[-1], Broken)


def test_a_second_tool_ends_the_program() -> None:
    assert isinstance(steps("T1")[0], Broken)
    assert steps("T0") == []


def test_m112_ends_the_program() -> None:
    assert isinstance(steps("M112")[0], Broken)


def test_filament_change_halts() -> None:
    assert isinstance(steps("M600")[0], Halt)


def test_unknown_codes_are_passed_over() -> None:
    assert steps("M900 K0.05", "G29", "M73 P5") == []


def test_inches() -> None:
    assert last("G20", "G1 X1 Y2 E1") == [25.4, 50.8, 0, 25.4]
    assert last("G20", "G21", "G1 X1") == [1, 0, 0, 0]


def test_offsets_of_g92_last_until_homing() -> None:
    assert last("G1 X10", "G92 X0", "G1 X5") == [15, 0, 0, 0]
    assert last("G1 X10", "G92 X0", "G28", "G1 X5") == [5, 0, 0, 0]


def test_g92_without_words_zeroes_everything() -> None:
    assert last("G1 X10 Y10 E3", "G92", "G1 X1 E1") == [11, 10, 0, 4]


def test_g90_and_g91_move_filament_too_and_m82_m83_overrule() -> None:
    assert last("G1 E5", "G91", "G1 E5") == [0, 0, 0, 10]
    assert last("G91", "M82", "G1 E5", "G1 E5") == [0, 0, 0, 5]
    assert last("M83", "G1 E5", "G1 E5", "G90", "G1 E3") == [0, 0, 0, 3]


def test_feed_and_acceleration_stay_until_changed() -> None:
    (moves,) = steps("G1 X1 F600", "G1 X2", "M204 S500", "G1 X3 F1200")
    assert list(moves.feed) == [10, 10, 20]
    assert list(moves.acceleration) == [1000, 1000, 500]


def test_stops() -> None:
    assert steps("M109 S210", "M140 S60", "G4 P500", "G28 X") == [
        Heat(Heater.NOZZLE, 210, wait=True),
        Heat(Heater.BED, 60, wait=False),
        Dwell(0.5),
        Home((0,)),
    ]


@given(steps_mm)
def test_relative_moves_end_where_their_sum_is(moves: list[tuple[float, float, float]]) -> None:
    end = last("G91", *(f"G1 X{x} Y{y} Z{z}" for x, y, z in moves))
    assert end[:3] == pytest.approx([math.fsum(axis) for axis in zip(*moves, strict=True)], abs=1e-6)


@given(steps_mm)
def test_relative_and_absolute_programs_pass_the_same_places(moves: list[tuple[float, float, float]]) -> None:
    places = np.cumsum(np.array(moves), axis=0)
    (relative,) = steps("G91", *(f"G1 X{x} Y{y} Z{z}" for x, y, z in moves))
    (absolute,) = steps(*(f"G1 X{x:.4f} Y{y:.4f} Z{z:.4f}" for x, y, z in places))
    assert np.allclose(relative.targets, absolute.targets, atol=1e-3)


@given(st.floats(1, 80), st.floats(0.05, 2 * math.pi - 0.05), st.booleans())
def test_an_arc_is_as_long_as_its_circle_says_and_keeps_its_filament(
    radius: float, sweep: float, clockwise: bool
) -> None:
    angle = -sweep if clockwise else sweep
    end = (radius * math.cos(angle) - radius, radius * math.sin(angle))
    code = "G2" if clockwise else "G3"
    (moves,) = steps(f"{code} X{end[0]:.6f} Y{end[1]:.6f} I{-radius:.6f} J0 E3")
    path = np.vstack([np.zeros(4), moves.targets])
    length = np.hypot(*np.diff(path[:, :2], axis=0).T).sum()
    assert length == pytest.approx(radius * sweep, rel=0.02, abs=0.02)
    assert path[-1, 3] == pytest.approx(3)


def test_an_arc_by_radius_equals_the_arc_by_centre() -> None:
    (by_radius,) = steps("G3 X10 Y10 R10")
    (by_centre,) = steps("G3 X10 Y10 I0 J10")
    assert np.allclose(by_radius.targets, by_centre.targets, atol=1e-6)


def test_a_full_circle_comes_back() -> None:
    (moves,) = steps("G2 X0 Y0 I5 J0")
    assert float(moves.targets[:, 0].max()) == pytest.approx(10, abs=0.02)
    assert moves.targets[-1, 0] == 0
