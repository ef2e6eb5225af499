"""When heaters raise an alarm, and when not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.statuses import MakingStatus, PrinterStatus
from provider_agent.drivers.base import (
    Accepted,
    AttemptFate,
    CommandReply,
    Reconciled,
    Refused,
    Snapshot,
    StartReply,
)
from provider_agent.heat import GAP_SECONDS, HeatWatch
from provider_agent.journal.attempts import attempts_of, plate_taken
from provider_agent.journal.facts import fact_set
from provider_agent.journal.records import record_find
from provider_agent.making import ending
from provider_agent.making.ending import alarmed, attempt_fail, cancel_given_up
from provider_agent.making.plate import cleared_name
from provider_agent.making.printing import produce
from provider_agent.slicing.materials import MATERIALS
from tests.processes import eventually
from tests.provider_agent.bench import Bench, attempts, play
from tests.provider_agent.desk import ScriptedPrinter, making
from tests.provider_agent.test_given_up import needs, printer, printing

PLA = MATERIALS["PLA"]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Watched:
    """A watch whose samples come `step` seconds apart; the first alarm of all."""

    step: float = 1.0
    clock: Clock = field(default_factory=Clock)
    alarm: str | None = None

    def __post_init__(self) -> None:
        self.watch = HeatWatch(PLA, self.clock)

    def nozzle(self, *temperatures: float, target: float | None = 210.0) -> Watched:
        for now_c in temperatures:
            self.clock.now += self.step
            shown = Snapshot(PrinterStatus.PRINTING, 0.0, nozzle_c=now_c, nozzle_target_c=target)
            self.alarm = self.alarm or self.watch.problem(shown)
        return self

    def bed(self, *temperatures: float, target: float | None = 60.0) -> Watched:
        for now_c in temperatures:
            self.clock.now += self.step
            shown = Snapshot(PrinterStatus.PRINTING, 0.0, bed_c=now_c, bed_target_c=target)
            self.alarm = self.alarm or self.watch.problem(shown)
        return self


def test_beyond_the_limit_and_rising_is_an_alarm_within_seconds() -> None:
    assert Watched().nozzle(*range(200, 226)).alarm is None
    found = Watched().nozzle(*range(200, 229)).alarm
    assert found == "the nozzle is at 227 C, its limit is 210 C"
    assert Watched().bed(60, 74, 80, 81, 82).alarm == "the bed is at 81 C, its limit is 60 C"


def test_one_reading_beyond_the_limit_is_a_bad_reading() -> None:
    assert Watched().nozzle(210, 900, 210, 900, 210).alarm is None


@pytest.mark.parametrize("target", [None, 0.0, 210.0])
def test_beyond_the_limit_counts_whatever_the_printer_says_it_was_told(target: float | None) -> None:
    assert "its limit is 210 C" in str(Watched().nozzle(200, *[260.0] * 5, target=target).alarm)


def test_what_was_hotter_before_may_cool_but_not_stay() -> None:
    assert Watched().nozzle(*range(260, 200, -1)).alarm is None
    assert "its limit is 60 C" in str(Watched().bed(*[90.0] * 40).alarm)
    assert Watched(step=20).bed(*(90 - number / 2 for number in range(60))).alarm is None


def test_a_heater_that_does_not_rise_is_an_alarm() -> None:
    assert Watched().nozzle(*[25.0] * 119).alarm is None
    assert Watched().nozzle(*[25.0] * 125).alarm == "the nozzle stays at 25 C while heated to 210 C"
    assert "stays at 181 C" in str(Watched().nozzle(*range(25, 181), *[181.0, 180.5] * 65).alarm)


def test_a_heater_that_does_not_arrive_is_an_alarm() -> None:
    slow = [20 + 0.018 * number for number in range(1850)]
    assert Watched().bed(*slow[:1790]).alarm is None
    assert Watched().bed(*slow).alarm == "the bed did not come to 60 C in 30 minutes"


def test_a_heater_that_falls_is_an_alarm_while_heating_and_after() -> None:
    fallen = [150.0] * 50
    assert "fell to 150 C while heated to 210 C" in str(Watched().nozzle(208, *fallen).alarm)
    assert "fell to 150 C while heated to 210 C" in str(Watched().nozzle(25, 100, 180, *fallen).alarm)
    assert Watched().nozzle(208, *[150.0] * 30, 205, *[150.0] * 30).alarm is None


def test_what_is_switched_off_may_be_cold() -> None:
    assert Watched().nozzle(*[25.0] * 500, target=0.0).alarm is None
    assert Watched().nozzle(210.0).nozzle(*range(210, 25, -1), *[25.0] * 300, target=0.0).alarm is None
    assert Watched().nozzle(*[25.0] * 500, target=None).alarm is None


def test_another_target_is_another_heating() -> None:
    watched = Watched()
    for target in (100, 150, 190, 205):
        watched.nozzle(*[90.0] * 100, target=float(target))
    assert watched.alarm is None


@pytest.mark.parametrize("jump", [-1e9, -5.0, GAP_SECONDS + 1, 1e9])
def test_a_clock_that_jumps_raises_no_alarm_and_hides_none(jump: float) -> None:
    watched = Watched().nozzle(208, *[150.0] * 20)
    watched.clock.now += jump
    assert watched.nozzle(150.0).alarm is None
    assert "fell to 150 C" in str(watched.nozzle(*[150.0] * 25).alarm)


@given(st.lists(st.floats(0, 60), min_size=1, max_size=50), st.floats(205.5, 224))
def test_a_printer_at_its_target_is_never_an_alarm(steps: list[float], now_c: float) -> None:
    watched = Watched()
    for step in steps:
        watched.step = step
        watched.nozzle(now_c)
    assert watched.alarm is None


@dataclass
class HotPrinter(ScriptedPrinter):
    """Prints for ever, hotter and hotter, until it is stopped."""

    nozzle_c: float = 200.0
    stopped: list[str] = field(default_factory=list)
    refuses: str = ""

    async def snapshot(self) -> Snapshot:
        if self.status is PrinterStatus.PRINTING:
            self.nozzle_c += 10
        attempt = self.started[-1] if self.started else None
        return Snapshot(
            self.status,
            0.0,
            nozzle_c=self.nozzle_c,
            nozzle_target_c=210.0,
            progress=self.nozzle_c,
            attempt=attempt,
        )

    async def start(self, remote_name: str, attempt: str) -> StartReply:
        reply = await super().start(remote_name, attempt)
        self.fates[attempt] = Reconciled(attempt, AttemptFate.RUNNING)
        self.status = PrinterStatus.PRINTING
        return reply

    async def emergency_stop(self) -> CommandReply:
        self.stopped.append("emergency stop")
        if self.refuses:
            return Refused(self.refuses, retryable=True)
        return self._stop(PrinterStatus.FAULT)

    async def cancel(self) -> CommandReply:
        self.stopped.append("cancel")
        return self._stop(PrinterStatus.FINISHED_UNCLEARED)

    def capabilities(self):
        return super().capabilities().__class__(**{**vars(super().capabilities()), "emergency_stop": True})

    def _stop(self, status: PrinterStatus) -> CommandReply:
        self.status, self.nozzle_c = status, 25.0
        self.fates[self.started[-1]] = Reconciled(self.started[-1], AttemptFate.FAILED, "stopped")
        return Accepted()


@pytest.fixture
def hot(monkeypatch) -> None:
    """A hundred samples a second are as many seconds apart as they would be."""
    monkeypatch.setattr("provider_agent.heat.CLIMB_SECONDS", 0.01)


@pytest.fixture
def driver() -> HotPrinter:
    return HotPrinter()


async def until(found) -> None:
    for _ in range(12_000):
        if found():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to this")


async def test_an_alarm_ends_the_attempt_cuts_the_heaters_and_waits_for_a_person(
    context, queued, driver, hot
) -> None:
    """The printer of these tests empties its plate by itself: after an alarm that does not do."""
    (own,) = context.fleet.all()
    assert own.config.auto_clear
    cancelling = asyncio.create_task(cancel_given_up(context.journal, own))
    work = asyncio.create_task(produce(context, making(context, queued)))
    await until(lambda: driver.stopped)
    await asyncio.sleep(0.1)
    (tried,) = attempts_of(context.journal, queued)
    assert (tried.status, driver.stopped, driver.status) == ("FAILED", ["emergency stop"], "FAULT")
    assert "its limit is 210 C" in tried.reason
    assert record_find(context.journal, queued, f"failed:{tried.id}").payload["reason"] == tried.reason
    assert len(driver.started) == 1
    fact_set(context.journal, cleared_name("p1"), "yes")
    await until(lambda: len(driver.started) == 2)
    for task in (work, cancelling):
        task.cancel()
    await asyncio.gather(work, cancelling, return_exceptions=True)


async def test_an_alarm_that_was_written_down_is_acted_on_after_a_kill(context, queued, driver, hot) -> None:
    """Killed between the journal and the printer."""
    work = asyncio.create_task(produce(context, making(context, queued)))
    await until(lambda: any(one.status == "FAILED" for one in attempts_of(context.journal, queued)))
    work.cancel()
    assert driver.stopped == []
    (own,) = context.fleet.all()
    cancelling = asyncio.create_task(cancel_given_up(context.journal, own))
    await until(lambda: driver.stopped)
    cancelling.cancel()
    assert driver.stopped == ["emergency stop"]


async def test_a_printer_that_refuses_to_stop_is_told_again_and_its_reason_said_once(
    context, queued, driver, hot, monkeypatch, caplog
) -> None:
    monkeypatch.setattr(ending, "CANCEL_AGAIN_SECONDS", 0.0)
    driver.refuses = "the printer does not listen"
    (own,) = context.fleet.all()
    cancelling = asyncio.create_task(cancel_given_up(context.journal, own))
    work = asyncio.create_task(produce(context, making(context, queued)))
    await until(lambda: len(driver.stopped) > 2)
    assert caplog.text.count(driver.refuses) == 1
    driver.refuses = ""
    await until(lambda: driver.status is PrinterStatus.FAULT)
    for task in (work, cancelling):
        task.cancel()
    await asyncio.gather(work, cancelling, return_exceptions=True)


async def test_an_alarm_of_an_earlier_attempt_asks_nobody_about_a_later_one(
    context, queued, driver, hot
) -> None:
    work = asyncio.create_task(produce(context, making(context, queued)))
    await until(lambda: any(one.status == "FAILED" for one in attempts_of(context.journal, queued)))
    work.cancel()
    taken = plate_taken(context.journal, "p1")
    assert alarmed(context.journal, taken)
    later = taken.__class__(**{**vars(taken), "id": "another"})
    assert not alarmed(context.journal, later)
    attempt_fail(context.journal, context.log_of(queued), later, "why")
    assert not alarmed(context.journal, later)


@pytest.mark.timeout(300)
def test_a_heater_that_is_stuck_is_cut_off_by_the_agent(bench: Bench) -> None:
    """A real printer process whose firmware notices nothing; paused, so that the print does not end first."""
    with bench.start():
        printing(bench)
        printer(bench, "pause")
        eventually(lambda: "it is paused" in needs(bench))
        printer(bench, "fault", fault="heater_stuck")
        eventually(lambda: attempts(bench) == ["FAILED"], 90)
        eventually(lambda: [entry["reason"] for entry in bench.prints()] == ["emergency stop"], 60)
        assert "the nozzle is at" in needs(bench)
        assert "infill-agent clear p1" in bench.agent("status").stdout
        assert len(bench.prints()) == 1
        bench.agent("clear", "p1")
        play(bench, until=MakingStatus.DELIVERED)
    assert [entry["outcome"] for entry in bench.prints()] == ["FAILED", "FINISHED"]
