"""When a printer counts as quiet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import Snapshot
from provider_agent.signs import WARM_UP_SECONDS, Signs


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def snapshot(status: PrinterStatus = PrinterStatus.PRINTING, **shown) -> Snapshot:
    return Snapshot(status, 0.0, **{"progress": 0.5, "nozzle_c": 210.0, **shown})


def signs_after(seconds: float, *samples: Snapshot) -> Signs:
    """Samples so many seconds apart, the last one now."""
    clock = Clock()
    signs = Signs(clock)
    for sample in samples:
        clock.now += seconds
        signs.seen(sample)
    return signs


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


def flickering(count: int, **shown) -> list[Snapshot]:
    """The temperatures change, and nothing else."""
    return [snapshot(nozzle_c=210 + number % 2, **shown) for number in range(count)]


def test_a_print_that_is_warm_and_gets_nowhere_has_stalled() -> None:
    hour = signs_after(10, *flickering(360))
    assert hour.quiet_seconds() == 0
    assert hour.problem(300, 3600.0) == "the printer stalled: it has not got on for 37 minutes"


def test_warming_up_and_one_step_of_a_long_prints_progress_are_no_stall() -> None:
    assert signs_after(10, *flickering(WARM_UP_SECONDS // 10)).problem(300, 0.0) is None
    assert signs_after(10, *flickering(360)).problem(300, 24 * 3600.0) is None


@pytest.mark.parametrize(
    "shown", [{"progress": None}, {"status": PrinterStatus.PAUSED}], ids=["nothing measures it", "paused"]
)
def test_what_cannot_get_on_has_not_stalled(shown) -> None:
    assert signs_after(10, *flickering(2000, **shown)).problem(300, 60.0) is None


@pytest.mark.parametrize("sign", ["layer", "progress", "position_um"])
def test_whatever_gets_on_is_no_stall(sign) -> None:
    values = [(n, n, n) if sign == "position_um" else n for n in range(1000)]
    assert signs_after(10, *(snapshot(**{sign: value}) for value in values)).problem(300, 60.0) is None


def test_before_a_print_is_meant_nothing_counts() -> None:
    clock = Clock()
    signs = Signs(clock)
    signs.seen(snapshot(PrinterStatus.READY))
    clock.now += 10**6
    assert "neither progress nor temperature changed for 300 s" in str(signs.problem(300, 60.0))
    signs.restart()
    assert signs.problem(300, 60.0) is None


def test_a_printer_without_an_answer_is_told_apart() -> None:
    silent = signs_after(200, snapshot(), *[Snapshot(PrinterStatus.UNREACHABLE, 0.0)] * 2)
    assert silent.problem(300, 60.0) == "the printer has not answered for 300 s"
