"""What time the agent signs for, whatever its machine's clock says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provider_agent.clock import AHEAD_SECONDS, Clock

NOW = 1_800_000_000
MOMENTS = st.integers(0, 10**6)


class Times:
    """A wall clock that may be wrong, and one that counts from when the machine began."""

    def __init__(self, wrong: int = 0) -> None:
        self.wrong, self.passed = wrong, 0
        self.clock = Clock(lambda: NOW + self.wrong + self.passed, lambda: 500.0 + self.passed)


@given(wrong=st.integers(AHEAD_SECONDS + 1, 10**9), passed=MOMENTS)
def test_a_clock_that_is_ahead_is_held_to_the_blocks(wrong: int, passed: int) -> None:
    times = Times(wrong)
    times.clock.seen(NOW)
    times.passed = passed
    assert times.clock.now() == NOW + passed + AHEAD_SECONDS


@given(jump=st.integers(AHEAD_SECONDS + 1, 10**9))
def test_a_clock_that_jumps_ahead_later_too(jump: int) -> None:
    times = Times()
    times.clock.seen(NOW)
    assert times.clock.now() == NOW
    times.wrong = jump
    assert times.clock.now() == NOW + AHEAD_SECONDS


@given(late=st.integers(0, 10**6), passed=MOMENTS)
def test_a_node_that_is_behind_does_not_take_back_what_a_block_said(late: int, passed: int) -> None:
    times = Times(10**8)
    times.clock.seen(NOW)
    times.passed = passed
    times.clock.seen(NOW - late)
    assert times.clock.now() == NOW + passed + AHEAD_SECONDS


@given(wrong=st.integers(-(10**9), 0))
def test_a_clock_that_is_behind_is_believed(wrong: int) -> None:
    times = Times(wrong)
    times.clock.seen(NOW)
    assert times.clock.now() == NOW + wrong


def test_without_a_block_there_is_only_the_machine() -> None:
    assert Times(5).clock.now() == NOW + 5


@given(wrong=st.integers(-(10**6), AHEAD_SECONDS))
def test_a_clock_that_is_about_right_is_left_alone(wrong: int) -> None:
    times = Times(wrong)
    times.clock.seen(NOW)
    assert times.clock.now() == NOW + wrong
