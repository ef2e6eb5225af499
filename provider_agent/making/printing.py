"""QUEUED -> PRINTING -> PRINTED -> CLEARED: plate after plate, every copy of every part printed once.

An attempt is journalled before the printer hears of it. After a restart the printer is asked what became of
it before anything else happens, so no copy is printed twice. A plate that failed is printed again as a whole.
"""

from __future__ import annotations

import asyncio
import logging

from protocol.jobspec import Part
from protocol.statuses import MakingStatus
from protocol.units import hex_of
from provider_agent.drivers.errors import PrinterError
from provider_agent.errors import AgentError, MakingFailed
from provider_agent.fleet import Printer
from provider_agent.journal.attempts import Attempt, AttemptStatus, attempt_intend, attempts_of, plate_taken
from provider_agent.journal.bids import BidRow, bid_get
from provider_agent.journal.makings import Making, making_advance, making_get
from provider_agent.journal.sheets import plates_planned
from provider_agent.making.attempting import Attempting
from provider_agent.making.context import Context
from provider_agent.making.plate import RUNNING
from provider_agent.making.plate import Plate as Bed
from provider_agent.making.slicing import printer_of
from provider_agent.making.telling import plate_text
from provider_agent.plates.plan import Plate

log = logging.getLogger(__name__)

PLATE_SECONDS = 1.0
FUNDED_SECONDS = 2.0
ENDED_BADLY = (AttemptStatus.FAILED, AttemptStatus.DROPPED)


async def produce(context: Context, making: Making) -> None:
    """Take the printer, print what is left to print, and hand the plate back empty.

    Raises MakingFailed as soon as the agreement has ended or its time is over, whatever is waited for then.
    """
    work = asyncio.create_task(_produce(context, making))
    watch = asyncio.create_task(_funded_watch(context, making))
    try:
        done, _ = await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
        (work if work in done else watch).result()
    finally:
        work.cancel()
        watch.cancel()
        await asyncio.gather(work, watch, return_exceptions=True)


async def _funded_watch(context: Context, making: Making) -> None:
    """Until the making is not paid for any more, which it raises. A node that is away changes nothing."""
    while True:
        try:
            await context.live_word(making)
        except AgentError as error:
            if not error.retryable:
                raise
        await asyncio.sleep(FUNDED_SECONDS)


async def _produce(context: Context, making: Making) -> None:
    row = bid_get(context.journal, making.agreement)
    printer = printer_of(context, row)
    bed = Bed(context.journal, printer)
    async with printer.lock:
        if making.status is MakingStatus.QUEUED and (
            _is_begun(context, making, printer) or (await bed.ready() and await context.may_start(making))
        ):
            making_advance(context.journal, making.agreement, MakingStatus.PRINTING)
        if making_get(context.journal, making.agreement).status is not MakingStatus.QUEUED:
            printer.agreement = hex_of(making.agreement)
            try:
                await _Production(context, making, row, printer, bed).run()
            finally:
                printer.agreement = None
            return
    await context.wakes.sleep(making.agreement, PLATE_SECONDS)


def _is_begun(context: Context, making: Making, printer: Printer) -> bool:
    """Whether its own print is on the plate: a restored journal learnt that before it had the files again."""
    taken = plate_taken(context.journal, printer.serial)
    return taken is not None and taken.agreement == making.agreement and taken.status in RUNNING


class _Production:
    """The prints of one agreement on one printer, whose lock is held."""

    def __init__(self, context: Context, making: Making, row: BidRow, printer: Printer, bed: Bed) -> None:
        self._context = context
        self._making = making
        self._row = row
        self._printer = printer
        self._bed = bed
        self._said = ""

    async def run(self) -> None:
        journal, agreement = self._context.journal, self._making.agreement
        if making_get(journal, agreement).status is MakingStatus.PRINTING:
            plates = plates_planned(journal, agreement)
            for plate in plates:
                await self._print(plate, len(plates))
            making_advance(journal, agreement, MakingStatus.PRINTED)
        await self._plate_wait()
        making_advance(journal, agreement, MakingStatus.CLEARED)

    async def _print(self, plate: Plate, of: int) -> None:
        """Until this plate is printed. Raises MakingFailed when the policy's attempts are used up."""
        while True:
            tried = attempts_of(self._context.journal, self._making.agreement, plate.number)
            last = tried[-1] if tried else None
            if last is not None and last.status is AttemptStatus.FINISHED:
                return
            if last is None or last.status in ENDED_BADLY:
                self._attempts_check(plate, tried)
                last = await self._intend(plate)
                log.info(
                    "%s: printing %s, %d of %d, attempt %d",
                    self._printer.serial,
                    plate_text(self._row.spec.parts, plate),
                    plate.number + 1,
                    of,
                    last.number + 1,
                )
            await self._follow(last, plate)

    def _attempts_check(self, plate: Plate, tried: list[Attempt]) -> None:
        """One copy that comes off spoils its whole plate, so plates of several have twice the attempts."""
        alone = sum(len(copies) for _, copies in plate.copies) == 1
        limit = self._context.config.policy.attempts * (1 if alone else 2)
        if len(tried) >= limit:
            raise MakingFailed(f"not printed in {limit} attempts; the last: {tried[-1].reason}")

    async def _intend(self, plate: Plate) -> Attempt:
        await self._plate_wait(self._row.spec.parts[plate.part])
        while not await self._context.may_start(self._making):
            await asyncio.sleep(PLATE_SECONDS)
        self._printer.signs.restart()
        return attempt_intend(
            self._context.journal, self._making.agreement, plate.number, self._printer.serial, ".gcode"
        )

    async def _follow(self, attempt: Attempt, plate: Plate) -> None:
        attempting = Attempting(self._context, self._row, self._printer, attempt, plate)
        try:
            await attempting.run()
        except PrinterError as error:
            if not attempting.stalled():
                await self._trouble(error)

    async def _plate_wait(self, part: Part | None = None) -> None:
        while not await self._plate_is_ready(part):
            await asyncio.sleep(PLATE_SECONDS)

    async def _plate_is_ready(self, part: Part | None) -> bool:
        try:
            return await self._bed.ready(part)
        except PrinterError as error:
            await self._trouble(error)
            return False

    async def _trouble(self, error: PrinterError) -> None:
        """A printer that cannot be spoken to is waited for, as long as delivering in time is possible."""
        if str(error) != self._said:
            log.warning("%s: %s; waiting for it", self._printer.serial, error)
            self._said = str(error)
        await self._context.live_word(self._making)
        await asyncio.sleep(PLATE_SECONDS)
