"""Whether a printer is in time, by its pace."""

from hypothesis import given
from hypothesis import strategies as st

from marketplace.matching.timing import Timing
from protocol.pace import FARTHEST

seconds = st.integers(0, 10**7)
paces = st.floats(1 / FARTHEST, FARTHEST)


@given(paces)
def test_without_an_estimate_or_a_deadline_nobody_is_late(pace):
    assert Timing(None, 0).late(pace) == ()
    assert Timing(10**9, None).late(pace) == ()


@given(seconds, st.floats(-1e6, 1e7), paces)
def test_who_takes_longer_than_is_left_is_late(estimate, left, pace):
    timing = Timing(estimate, left)
    assert bool(timing.late(pace)) == (timing.expected(pace) > left)


@given(seconds, paces, paces)
def test_a_slower_printer_never_takes_less(estimate, one, other):
    slow, quick = max(one, other), min(one, other)
    assert Timing(estimate).expected(slow) >= Timing(estimate).expected(quick)
