"""When a printer counts as quiet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import Snapshot
from provider_agent.signs import Signs


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def snapshot(status: PrinterStatus = PrinterStatus.PRINTING, **shown) -> Snapshot:
    return Snapshot(status, 0.0, **{"progress": 0.5, "nozzle_c": 210.0, **shown})


def quiet_after(*samples: Snapshot) -> float:
    """Samples ten seconds apart."""
    clock = Clock()
    signs = Signs(clock)
    for sample in samples:
        clock.now += 10
        signs.seen(sample)
    return signs.quiet_seconds()


@pytest.mark.parametrize("status", [PrinterStatus.UNREACHABLE, PrinterStatus.UNKNOWN])
def test_no_answer_and_nonsense_are_no_life(status) -> None:
    assert quiet_after(snapshot(), *[Snapshot(status, 0.0)] * 3) == 30


def test_an_answer_that_says_the_same_after_an_outage_is_no_life() -> None:
    assert quiet_after(snapshot(), Snapshot(PrinterStatus.UNREACHABLE, 0.0), snapshot()) == 20


@pytest.mark.parametrize(
    "changed",
    [
        {"progress": 0.6},
        {"nozzle_c": 211.0},
        {"bed_c": 60.0},
        {"layer": 2},
        {"position_um": (1, 2, 3)},
        {"status": PrinterStatus.PAUSING},
    ],
)
def test_any_change_is_life(changed) -> None:
    assert quiet_after(snapshot(), snapshot(), snapshot(**changed)) == 0


def test_a_pause_waits_for_a_person_as_long_as_it_takes() -> None:
    assert quiet_after(*[snapshot(PrinterStatus.PAUSED)] * 9) == 0


def test_a_printer_that_measures_nothing_is_not_called_quiet() -> None:
    assert quiet_after(*[Snapshot(PrinterStatus.PRINTING, 0.0)] * 9) == 0


@given(st.lists(st.sampled_from([0.1, 0.2, None]), min_size=1))
def test_quiet_is_the_time_since_the_last_change(progress) -> None:
    samples = [snapshot(progress=value) for value in progress]
    changes = [i for i, value in enumerate(progress) if i == 0 or value != progress[i - 1]]
    assert quiet_after(*samples) == 10 * (len(progress) - 1 - changes[-1])
