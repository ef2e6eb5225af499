"""What every driver must do, whatever printer software it speaks to. A driver's own test module subclasses
DriverContract and gives a `rig`."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from provider_agent.drivers.base import (
    ACTIVE,
    Accepted,
    AttemptFate,
    Driver,
    PrinterStatus,
    Reconciled,
    Refused,
    Snapshot,
    Started,
    Unknown,
)
from provider_agent.drivers.errors import PrinterForbids, PrinterUnreachable, UploadRefused
from provider_agent.signs import Signs


class Rig(Protocol):
    """A real printer server with one cold, ready, empty printer, and a driver for it."""

    driver: Driver
    short_print: Path
    """Ends within seconds of the test's time."""
    long_print: Path
    """Does not end within a test."""

    async def server_down(self) -> None: ...

    async def server_up(self) -> None: ...

    async def break_printer(self) -> None:
        """A fault that stops the print."""

    def unanswering(self) -> Driver:
        """A driver whose printer takes connections and never answers, with a short timeout."""

    def absent(self) -> Driver:
        """A driver at whose printer's address nobody listens."""

    def forbidden(self) -> Driver | None:
        """A driver with a wrong secret; None where there are none."""


@asynccontextmanager
async def silence() -> AsyncIterator[int]:
    """A port that takes connections and never answers."""
    done = asyncio.Event()

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    server = await asyncio.start_server(ignore, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        done.set()
        server.close()


async def reach(driver: Driver, wanted: Callable[[Snapshot], bool], seconds: float = 90) -> Snapshot:
    """The first snapshot that fits. It is waited for as long as a busy machine may need."""
    deadline = time.monotonic() + seconds
    while not wanted(now := await driver.snapshot()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not reached within {seconds} s; last {now}")
        await asyncio.sleep(0.05)
    return now


async def settled(driver: Driver, attempt: str = "a-1") -> Reconciled:
    """What became of an attempt. Some servers write down an end a moment after they show it: UNKNOWN until then."""
    deadline = time.monotonic() + 60
    while (found := await driver.reconcile(attempt)).fate is AttemptFate.UNKNOWN:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)
    return found


def status(*wanted: PrinterStatus) -> Callable[[Snapshot], bool]:
    return lambda now: now.status in wanted


def quiet(samples: float) -> Callable[[Snapshot], bool]:
    """That the watchdog has seen nothing new for so many snapshots in a row."""
    count = itertools.count()
    signs = Signs(clock=lambda: float(next(count)))

    def seen(now: Snapshot) -> bool:
        signs.seen(now)
        return signs.quiet_seconds() > samples

    return seen


async def printing(rig: Rig, attempt: str = "a-1") -> None:
    await rig.driver.upload(rig.long_print, f"{attempt}.gcode")
    assert isinstance(await rig.driver.start(f"{attempt}.gcode", attempt), Started)
    await reach(rig.driver, status(PrinterStatus.PRINTING))


class DriverContract:
    """Refusals first."""

    # --- nobody there
    async def test_snapshot_of_a_printer_that_went_down_is_unreachable_with_a_reason(self, rig: Rig) -> None:
        assert (await rig.driver.snapshot()).status is PrinterStatus.READY
        await rig.server_down()
        now = await rig.driver.snapshot()
        assert now.status is PrinterStatus.UNREACHABLE
        assert now.reason

    async def test_start_that_cannot_be_delivered_is_refused_and_retryable(self, rig: Rig) -> None:
        await rig.driver.upload(rig.long_print, "a.gcode")
        await rig.server_down()
        reply = await rig.driver.start("a.gcode", "a-1")
        assert isinstance(reply, Refused)
        assert reply.retryable
        await rig.server_up()
        assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.NOT_STARTED

    async def test_start_without_an_answer_is_unknown(self, rig: Rig) -> None:
        async with rig.unanswering() as driver:
            assert isinstance(await driver.start("a.gcode", "a-1"), Unknown)

    async def test_command_without_an_answer_is_unknown(self, rig: Rig) -> None:
        async with rig.unanswering() as driver:
            assert isinstance(await driver.cancel(), Unknown)

    @pytest.mark.parametrize("ask", ["identify", "definition", "reconcile", "upload", "discard"])
    async def test_questions_to_a_printer_that_is_not_there_raise_retryable(self, rig: Rig, ask: str) -> None:
        arguments = {
            "identify": (),
            "definition": (),
            "reconcile": ("a-1",),
            "upload": (rig.short_print, "a.gcode"),
            "discard": ("a.gcode", "a-1"),
        }[ask]
        async with rig.absent() as driver:
            with pytest.raises(PrinterUnreachable) as caught:
                await getattr(driver, ask)(*arguments)
        assert caught.value.retryable

    async def test_a_printer_tells_no_bed_that_could_not_be(self, rig: Rig) -> None:
        """Which one it tells is for each kind's own tests; none is told where its software does not know."""
        told = await rig.driver.definition()
        assert told.bed_um is None or all(50_000 <= length <= 2_000_000 for length in told.bed_um)
        assert told.nozzle_um is None or 100 <= told.nozzle_um <= 2000

    async def test_a_camera_is_on_the_printers_own_host_or_there_is_none(self, rig: Rig) -> None:
        told = await rig.driver.camera()
        assert told is None or urlsplit(told).hostname == "127.0.0.1"

    async def test_a_printer_that_is_not_there_tells_no_camera(self, rig: Rig) -> None:
        """Drivers whose software knows no camera ask nobody."""
        async with rig.absent() as driver:
            with suppress(PrinterUnreachable):
                assert await driver.camera() is None

    async def test_events_end_in_unreachable_when_the_server_goes(self, rig: Rig) -> None:
        events = rig.driver.events()
        assert (await anext(events)).status is PrinterStatus.READY
        await rig.server_down()
        with pytest.raises(PrinterUnreachable):
            await anext(events)

    async def test_a_wrong_secret_is_named_and_starts_nothing(self, rig: Rig) -> None:
        stranger = rig.forbidden()
        if stranger is None:
            pytest.skip("this printer software knows no secrets")
        async with stranger as driver:
            now = await driver.snapshot()
            assert now.status is PrinterStatus.UNKNOWN
            assert re.search("secret|access code", now.reason or "")
            assert isinstance(await driver.start("a.gcode", "a-1"), Refused)
            assert isinstance(await driver.cancel(), Refused)
            with pytest.raises(PrinterForbids):
                await driver.identify()

    # --- starts that must not happen
    async def test_start_of_a_file_that_was_never_uploaded_is_refused(self, rig: Rig) -> None:
        reply = await rig.driver.start("nothing.gcode", "a-1")
        assert isinstance(reply, Refused), reply
        assert not reply.retryable
        assert (await rig.driver.snapshot()).status is PrinterStatus.READY

    async def test_start_while_printing_is_refused_and_the_print_goes_on(self, rig: Rig) -> None:
        await printing(rig)
        await rig.driver.upload(rig.short_print, "b.gcode")
        reply = await rig.driver.start("b.gcode", "b-1")
        assert isinstance(reply, Refused)
        assert reply.retryable
        assert (await rig.driver.reconcile("b-1")).fate is AttemptFate.NOT_STARTED
        assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.RUNNING

    async def test_start_on_an_uncleared_plate_is_refused(self, rig: Rig) -> None:
        await printing(rig)
        await rig.driver.cancel()
        await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
        assert isinstance(await rig.driver.start("a-1.gcode", "b-1"), Refused)

    async def test_start_in_fault_is_refused(self, rig: Rig) -> None:
        await printing(rig)
        await rig.break_printer()
        await reach(rig.driver, status(PrinterStatus.FAULT))
        assert isinstance(await rig.driver.start("a-1.gcode", "b-1"), Refused)

    async def test_another_file_under_a_name_in_use_is_refused(self, rig: Rig) -> None:
        await rig.driver.upload(rig.short_print, "a.gcode")
        with pytest.raises(UploadRefused, match="name"):
            await rig.driver.upload(rig.long_print, "a.gcode")

    @pytest.mark.parametrize("command", ["pause", "resume", "cancel"])
    async def test_commands_for_a_print_are_refused_when_there_is_none(self, rig: Rig, command: str) -> None:
        assert isinstance(await getattr(rig.driver, command)(), Refused)
        assert (await rig.driver.snapshot()).status is PrinterStatus.READY

    async def test_recover_is_refused_when_nothing_is_wrong(self, rig: Rig) -> None:
        assert isinstance(await rig.driver.recover(), Refused)

    async def test_clear_is_refused_while_printing(self, rig: Rig) -> None:
        await printing(rig)
        assert isinstance(await rig.driver.clear(), Refused)

    async def test_clear_is_refused_in_fault(self, rig: Rig) -> None:
        await printing(rig)
        await rig.break_printer()
        await reach(rig.driver, status(PrinterStatus.FAULT))
        assert isinstance(await rig.driver.clear(), Refused)

    async def test_reconcile_of_an_attempt_never_made_says_so(self, rig: Rig) -> None:
        assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.NOT_STARTED

    # --- what must work
    async def test_identify_names_the_printer(self, rig: Rig) -> None:
        identity = await rig.driver.identify()
        assert all((identity.make, identity.model, identity.serial, identity.firmware, identity.software))

    async def test_upload_is_verified_and_starts_nothing(self, rig: Rig) -> None:
        uploaded = await rig.driver.upload(rig.short_print, "a.gcode")
        assert uploaded.size == rig.short_print.stat().st_size
        assert uploaded.verified
        assert (await rig.driver.snapshot()).status is PrinterStatus.READY

    async def test_same_upload_twice_is_harmless(self, rig: Rig) -> None:
        first = await rig.driver.upload(rig.short_print, "a.gcode")
        assert await rig.driver.upload(rig.short_print, "a.gcode") == first

    async def test_a_print_runs_to_its_end_and_waits_for_the_plate(self, rig: Rig) -> None:
        await rig.driver.upload(rig.short_print, "a.gcode")
        assert await rig.driver.start("a.gcode", "a-1") == Started("a-1")
        done = await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
        assert (done.job, done.progress) == ("a.gcode", 1.0)
        record = await settled(rig.driver)
        assert record.fate is AttemptFate.FINISHED
        assert isinstance(await rig.driver.clear(), Accepted)
        assert (await rig.driver.snapshot()).status is PrinterStatus.READY

    async def test_the_same_attempt_started_twice_prints_once(self, rig: Rig) -> None:
        if not rig.driver.capabilities().attempts:
            pytest.skip("this printer software knows no attempt ids; the agent's journal answers for it")
        await rig.driver.upload(rig.short_print, "a.gcode")
        assert await rig.driver.start("a.gcode", "a-1") == Started("a-1")
        assert await rig.driver.start("a.gcode", "a-1") == Started("a-1", repeated=True)
        await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
        assert (await settled(rig.driver)).fate is AttemptFate.FINISHED
        await rig.driver.clear()
        assert await rig.driver.start("a.gcode", "a-1") == Started("a-1", repeated=True)
        assert (await rig.driver.snapshot()).status is PrinterStatus.READY

    async def test_pause_and_resume(self, rig: Rig) -> None:
        await printing(rig)
        assert isinstance(await rig.driver.pause(), Accepted)
        resting = await reach(rig.driver, status(PrinterStatus.PAUSED))
        assert (await rig.driver.snapshot()).position_um == resting.position_um
        assert isinstance(await rig.driver.resume(), Accepted)
        await reach(rig.driver, status(PrinterStatus.PRINTING))
        if resting.position_um is not None:
            await reach(rig.driver, lambda now: now.position_um != resting.position_um)
        assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.RUNNING

    async def test_cancel_leaves_the_plate_uncleared_and_the_attempt_cancelled(self, rig: Rig) -> None:
        await printing(rig)
        assert isinstance(await rig.driver.cancel(), Accepted)
        await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
        assert (await settled(rig.driver)).fate is AttemptFate.CANCELLED

    async def test_an_emergency_stop_that_there_is_not_is_refused_and_the_print_goes_on(
        self, rig: Rig
    ) -> None:
        if rig.driver.capabilities().emergency_stop:
            pytest.skip("this printer software has one")
        await printing(rig)
        reply = await rig.driver.emergency_stop()
        assert isinstance(reply, Refused)
        assert not reply.retryable
        assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.RUNNING

    async def test_emergency_stop_is_a_fault_until_recovered_and_resumes_nothing(self, rig: Rig) -> None:
        if not rig.driver.capabilities().emergency_stop:
            pytest.skip("this printer software has none")
        await printing(rig)
        assert isinstance(await rig.driver.emergency_stop(), Accepted)
        assert (await reach(rig.driver, status(PrinterStatus.FAULT))).reason
        assert (await settled(rig.driver)).fate is AttemptFate.FAILED
        assert isinstance(await rig.driver.recover(), Accepted)
        idle = await reach(rig.driver, status(PrinterStatus.READY, PrinterStatus.FINISHED_UNCLEARED))
        if rig.driver.capabilities().clear:
            assert idle.status is PrinterStatus.FINISHED_UNCLEARED

    async def test_a_fault_is_told_with_its_reason_and_fails_the_attempt(self, rig: Rig) -> None:
        await printing(rig)
        await rig.break_printer()
        assert (await reach(rig.driver, status(PrinterStatus.FAULT))).reason
        record = await settled(rig.driver)
        assert record.fate is AttemptFate.FAILED
        assert record.reason

    async def test_a_server_that_dies_in_a_print_never_comes_back_as_finished(self, rig: Rig) -> None:
        await printing(rig)
        await rig.server_down()
        await rig.server_up()
        assert (await settled(rig.driver)).fate is AttemptFate.FAILED
        now = await rig.driver.snapshot()
        assert now.status not in ACTIVE
        if rig.driver.capabilities().clear:
            assert now.status is not PrinterStatus.READY

    async def test_finished_before_a_kill_stays_finished(self, rig: Rig) -> None:
        await rig.driver.upload(rig.short_print, "a.gcode")
        assert await rig.driver.start("a.gcode", "a-1") == Started("a-1")
        await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
        before = await settled(rig.driver)
        assert before.fate is AttemptFate.FINISHED
        await rig.server_down()
        await rig.server_up()
        assert await rig.driver.reconcile("a-1") == before
        assert await rig.driver.start("a.gcode", "a-1") == Started("a-1", repeated=True)

    async def test_discarding_takes_the_file_of_an_ended_attempt_and_no_other(self, rig: Rig) -> None:
        await rig.driver.upload(rig.short_print, "b.gcode")
        await rig.driver.upload(rig.short_print, "a.gcode")
        assert await rig.driver.start("a.gcode", "a-1") == Started("a-1")
        await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
        assert (await settled(rig.driver)).fate is AttemptFate.FINISHED
        assert isinstance(await rig.driver.clear(), Accepted)
        await rig.driver.discard("a.gcode", "a-1")
        await rig.driver.discard("a.gcode", "a-1")
        assert (await rig.driver.snapshot()).status is PrinterStatus.READY
        reply = await rig.driver.start("a.gcode", "c-1")
        assert isinstance(reply, Refused), reply
        assert not reply.retryable
        assert isinstance(await rig.driver.start("b.gcode", "b-1"), Started)

    async def test_events_begin_with_now_and_tell_of_change(self, rig: Rig) -> None:
        await rig.driver.upload(rig.long_print, "a.gcode")
        seen = []
        async for now in rig.driver.events():
            if not seen:
                assert isinstance(await rig.driver.start("a.gcode", "a-1"), Started)
            elif now.status is PrinterStatus.PRINTING and PrinterStatus.PRINTING not in seen:
                assert isinstance(await rig.driver.cancel(), Accepted)
            seen.append(now.status)
            if now.status is PrinterStatus.FINISHED_UNCLEARED:
                break
        assert seen[0] is PrinterStatus.READY
        assert PrinterStatus.PRINTING in seen
