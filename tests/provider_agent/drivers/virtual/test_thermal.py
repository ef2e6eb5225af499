"""Heaters."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.drivers.virtual.thermal import HeatedPart


def nozzle(now: float = 22.0, **members: object) -> HeatedPart:
    return HeatedPart("nozzle", 400.0, 60.0, 22.0, 300.0, now, **members)


def test_a_broken_heater_is_found_out_while_heating() -> None:
    part = nozzle(broken=True)
    part.aim(210)
    for _ in range(20):
        part.advance(5)
    assert "stays at 22 C" in (part.runaway() or "")


def test_a_heater_that_breaks_at_its_target_is_found_out() -> None:
    part = nozzle()
    part.aim(210)
    part.advance(300)
    assert part.runaway() is None
    part.broken = True
    part.advance(20)
    assert "fell to" in (part.runaway() or "")


def test_a_cold_heater_that_is_off_is_no_runaway() -> None:
    part = nozzle(broken=True)
    part.advance(1000)
    assert part.runaway() is None


def test_what_is_out_of_reach_is_never_reached() -> None:
    part = nozzle()
    part.aim(450)
    assert math.isinf(part.seconds_to_target())


@given(st.floats(50, 390), st.floats(0, 1))
def test_it_arrives_when_it_says_it_will(target: float, part_of_time: float) -> None:
    part = nozzle()
    part.aim(target)
    wait = part.seconds_to_target()
    part.advance(wait * part_of_time)
    assert part.seconds_to_target() == pytest.approx(wait * (1 - part_of_time), abs=0.05)
    part.advance(wait)
    assert part.now_c == pytest.approx(target)


@given(st.floats(60, 390), st.lists(st.floats(0.1, 30), min_size=1, max_size=10))
def test_cutting_time_changes_nothing(target: float, spans: list[float]) -> None:
    cut, whole = nozzle(), nozzle()
    cut.aim(target)
    whole.aim(target)
    for span in spans:
        cut.advance(span)
    whole.advance(math.fsum(spans))
    assert cut.now_c == pytest.approx(whole.now_c, abs=0.1)


def test_switched_off_it_cools_to_the_room() -> None:
    part = nozzle(now=210.0)
    part.aim(0)
    part.advance(60)
    assert part.now_c == pytest.approx(22 + 188 / math.e)
    part.advance(3600)
    assert part.now_c == pytest.approx(22, abs=0.1)


def test_a_lower_target_is_reached_by_cooling() -> None:
    part = nozzle(now=210.0)
    part.aim(180)
    part.advance(part.seconds_to_target())
    assert part.now_c == pytest.approx(180)
    part.advance(500)
    assert part.now_c == pytest.approx(180, abs=0.5)
    assert part.runaway() is None
