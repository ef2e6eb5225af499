"""One attempt at one plate: begin it at most once, watch it, write down how it ended."""

from __future__ import annotations

import asyncio
import logging
from math import ceil
from pathlib import Path
from typing import Any

from protocol.evidence import Kind
from protocol.statuses import PrinterStatus
from protocol.units import hex_of
from provider_agent.drivers import access_of
from provider_agent.drivers.base import (
    ACTIVE,
    AttemptFate,
    Reconciled,
    Refused,
    Snapshot,
    Started,
)
from provider_agent.drivers.common import digest_of_file
from provider_agent.drivers.errors import UploadRefused
from provider_agent.errors import MakingFailed
from provider_agent.fleet import Printer, sample_of
from provider_agent.heat import HeatWatch
from provider_agent.journal.attempts import (
    Attempt,
    AttemptStatus,
    attempt_ended,
    attempt_started,
    attempts_of,
    paused_seconds,
    samples_of,
)
from provider_agent.journal.bids import BidRow
from provider_agent.journal.makings import FileRow, file_find, making_get
from provider_agent.journal.records import record_count
from provider_agent.journal.spools import spool_choose, spool_use
from provider_agent.making.context import Context
from provider_agent.making.ending import attempt_fail
from provider_agent.making.slicing import GCODE
from provider_agent.making.stills import Stills
from provider_agent.making.telemetry import Samples, segments_close
from provider_agent.making.telling import part_json, plate_text
from provider_agent.plates.plan import Plate
from provider_agent.slicing.materials import MATERIALS

log = logging.getLogger(__name__)

AGAIN_SECONDS = 2.0
RAN = (AttemptFate.RUNNING, AttemptFate.FINISHED, AttemptFate.CANCELLED, AttemptFate.FAILED)


class Attempting:
    """Drives one journalled attempt to its end. Raises PrinterError; run it again after a retryable one.

    Raises MakingFailed where what is left to start is not paid for any more.
    """

    def __init__(
        self, context: Context, row: BidRow, printer: Printer, attempt: Attempt, plate: Plate
    ) -> None:
        self._context = context
        self._journal = context.journal
        self._log = context.log_of(row.agreement)
        self._row = row
        self._printer = printer
        self._attempt = attempt
        self._plate = plate
        self._part = row.spec.parts[plate.part]

    async def run(self) -> None:
        """Until the attempt is FINISHED, FAILED or DROPPED in the journal."""
        if self._status() is AttemptStatus.INTENDED:
            await self._begin()
        if self._status() is AttemptStatus.STARTED:
            async with self._stills():
                await self._watch()

    def stalled(self) -> bool:
        """Fail the attempt if its printer has been quiet for longer than the policy allows."""
        expected = float(self._gcode().facts.get("print_seconds") or 0)
        problem = self._printer.signs.problem(self._context.config.policy.stall_s, expected)
        if problem:
            self._fail(problem)
        return bool(problem)

    def _stills(self) -> Stills:
        folder = self._context.folder(self._attempt.agreement)
        entry = self._printer.config
        access = access_of(entry.driver, entry.url, entry.secret)
        return Stills(
            self._journal, self._log, self._attempt, camera=entry.camera, folder=folder, access=access
        )

    def _status(self) -> AttemptStatus:
        tried = attempts_of(self._journal, self._attempt.agreement, self._attempt.item)
        return next(attempt.status for attempt in tried if attempt.id == self._attempt.id)

    async def _begin(self) -> None:
        """Start it unless the printer says it has begun. After an unknown outcome: ask, never repeat."""
        found = await self._printer.driver.reconcile(self._attempt.id)
        while found.fate not in RAN:
            if found.fate is AttemptFate.NOT_STARTED and await self._start():
                break
            if self._status() is not AttemptStatus.INTENDED:
                return
            await asyncio.sleep(AGAIN_SECONDS)
            found = await self._printer.driver.reconcile(self._attempt.id)
        with self._journal.atomic():
            attempt_started(self._journal, self._attempt.id)
            self._log.append(f"started:{self._attempt.id}", Kind.PRINT_STARTED, self._facts())

    async def _start(self) -> bool:
        # The intent may be days old: the agent, or the printer, may have been away since.
        if not await self._context.may_start(making_get(self._journal, self._attempt.agreement)):
            return False
        driver, gcode = self._printer.driver, self._gcode()
        path = self._context.folder(self._attempt.agreement) / gcode.name
        try:
            await _same_check(path, gcode)
            await driver.upload(path, self._attempt.remote_name)
        except UploadRefused as error:
            attempt_ended(self._journal, self._attempt.id, AttemptStatus.DROPPED, str(error))
            return False
        reply = await driver.start(self._attempt.remote_name, self._attempt.id)
        if isinstance(reply, Started):
            return True
        log.warning("%s: the start of %s: %s", self._printer.serial, self._attempt.id, reply.reason)
        if isinstance(reply, Refused) and not reply.retryable:
            attempt_ended(self._journal, self._attempt.id, AttemptStatus.DROPPED, reply.reason)
        return False

    async def _watch(self) -> None:
        paused = self._paused_last()
        samples = Samples(self._journal, self._log, self._attempt)
        heat = HeatWatch(MATERIALS[self._part.material])
        while True:
            snapshot = await self._printer.next_snapshot()
            if self.stalled():
                return None
            if snapshot.status in ACTIVE and snapshot.attempt in (None, self._attempt.id):
                samples.keep(sample_of(snapshot))
                if alarm := heat.problem(snapshot):
                    return self._fail(f"stopped: {alarm}", alarm=True)
                paused = self._pause_record(snapshot, paused)
                continue
            if snapshot.status is PrinterStatus.UNREACHABLE:
                continue
            found = await self._printer.driver.reconcile(self._attempt.id)
            if found.fate is AttemptFate.FINISHED:
                return self._finish(found)
            if found.fate in (AttemptFate.FAILED, AttemptFate.CANCELLED, AttemptFate.NOT_STARTED):
                return self._fail(found.reason or snapshot.reason or found.fate.value)

    def _pause_record(self, snapshot: Snapshot, before: bool) -> bool:
        now = snapshot.status is PrinterStatus.PAUSED
        if now and not before:
            prefix = f"paused:{self._attempt.id}:"
            number = record_count(self._journal, self._attempt.agreement, prefix)
            payload = {"attempt": self._attempt.id, "reason": snapshot.reason or ""}
            self._log.append(f"{prefix}{number}", Kind.PAUSED, payload)
            log.warning(
                "%s paused (%s): put it right and let it go on at the printer; the time to deliver runs on",
                self._printer.serial,
                snapshot.reason or "without a reason",
            )
        elif before and not now:
            log.info("%s goes on after a pause", self._printer.serial)
        return now

    def _paused_last(self) -> bool:
        """Whether the newest sample shows a pause: one that lasts over a restart is one pause."""
        told = samples_of(self._journal, self._attempt.id)[-1:]
        return bool(told) and told[0].get("status") == PrinterStatus.PAUSED

    def _finish(self, found: Reconciled) -> None:
        ours = self._gcode().facts.get("sha256")
        if found.file_sha256 is not None and found.file_sha256 != ours:
            return self._fail("the printer printed another file than the one sent")
        payload = {
            **self._facts(),
            "print_seconds": found.print_seconds,
            "paused_seconds": self._paused_seconds(),
            "extruded_mm": found.extruded_mm,
            "layers": found.layers,
        }
        with self._journal.atomic():
            segments_close(self._journal, self._log, self._attempt)
            attempt_ended(self._journal, self._attempt.id, AttemptStatus.FINISHED)
            spool_use(self._journal, self._attempt, 1.0)
            self._log.append(f"finished:{self._attempt.id}", Kind.PRINT_FINISHED, payload)
        log.info("%s: printed %s", self._printer.serial, plate_text(self._row.spec.parts, self._plate))
        return None

    def _paused_seconds(self) -> int:
        """How much of the printer's `print_seconds` was pauses."""
        counts = self._printer.driver.capabilities().counts_pauses
        return paused_seconds(self._journal, self._attempt.id) if counts else 0

    def _fail(self, reason: str, *, alarm: bool = False) -> None:
        attempt_fail(self._journal, self._log, self._attempt, reason, alarm=alarm)
        log.log(
            logging.ERROR if alarm else logging.WARNING,
            "%s: %s failed: %s",
            self._printer.serial,
            self._attempt.id,
            reason,
        )

    def _gcode(self) -> FileRow:
        found = file_find(self._journal, self._attempt.agreement, self._plate.sheet, GCODE)
        if found is None:
            raise MakingFailed("the G-code to print is not in the journal")
        return found

    def _milligrams(self) -> int:
        """What the plate takes, by its slicer."""
        return ceil(float(self._gcode().facts.get("grams") or 0) * 1000)

    def _facts(self) -> dict[str, Any]:
        spool = spool_choose(
            self._journal,
            self._attempt,
            material=self._part.material,
            colour=self._part.colour,
            milligrams=self._milligrams(),
        )
        return {
            "attempt": self._attempt.id,
            "printer": self._printer.serial,
            **self._copies(),
            "filament": self._part.filament,
            "gcode": hex_of(self._gcode().digest),
            **({"spool": spool.id, "lot": spool.lot} if spool else {}),
        }

    def _copies(self) -> dict[str, Any]:
        """What is on the plate: named itself where it is one copy, else listed."""
        parts = self._row.spec.parts
        items = [{**part_json(parts, place), "copies": list(copies)} for place, copies in self._plate.copies]
        if len(items) > 1 or len(items[0]["copies"]) > 1:
            return {"items": items}
        return {**part_json(parts, self._plate.part), "copy": self._plate.copies[0][1][0]}


async def _same_check(path: Path, gcode: FileRow) -> None:
    """What is on disk is what was sliced and found fit for a printer. Raises UploadRefused."""
    try:
        found, _ = await digest_of_file(path, "sha256")
    except OSError as error:
        raise UploadRefused(f"the G-code that was sliced cannot be read: {error}") from error
    if found != gcode.facts.get("sha256"):
        raise UploadRefused(f"{gcode.name} is not the G-code that was sliced: it was changed on disk")
