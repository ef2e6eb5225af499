"""The plate: READY needs a recorded clearing, and nothing starts by itself after a fault."""

from __future__ import annotations

import logging

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import Accepted, CommandReply, Snapshot
from provider_agent.fleet import Printer
from provider_agent.journal.attempts import Attempt, AttemptStatus, plate_clear, plate_taken
from provider_agent.journal.facts import fact, fact_set
from provider_agent.journal.store import Journal
from provider_agent.making.ending import goes_on

log = logging.getLogger(__name__)

RUNNING = (AttemptStatus.INTENDED, AttemptStatus.STARTED)
BROKEN = (PrinterStatus.FAULT, PrinterStatus.DISCONNECTED)


def cleared_name(serial: str) -> str:
    """The fact that a person sets with `infill-agent clear`, and that is used up once."""
    return f"plate cleared by hand: {serial}"


class Plate:
    """One printer's plate, as the journal and the printer see it."""

    def __init__(self, journal: Journal, printer: Printer) -> None:
        self._journal = journal
        self._printer = printer
        self._asked = False

    async def ready(self) -> bool:
        """Whether a print may start now. Clears and recovers what it may on the way; call again."""
        taken = plate_taken(self._journal, self._printer.serial)
        if taken is not None and taken.status in RUNNING:
            return False
        snapshot = await self._printer.driver.snapshot()
        if snapshot.status is PrinterStatus.READY and taken is None:
            self._used()
            return True
        if taken is None and snapshot.status not in (*BROKEN, PrinterStatus.FINISHED_UNCLEARED):
            return False
        if not self._allowed():
            self._ask(snapshot)
        elif await self._emptied(snapshot, taken):
            with self._journal.atomic():
                plate_clear(self._journal, self._printer.serial)
                self._used()
            log.info("%s: the plate is clear", self._printer.serial)
        return False

    def _allowed(self) -> bool:
        return self._printer.config.auto_clear or self._by_hand()

    def _by_hand(self) -> bool:
        return bool(fact(self._journal, cleared_name(self._printer.serial)))

    def _used(self) -> None:
        """One clearing by hand is good for one plate."""
        self._asked = False
        if self._by_hand():
            fact_set(self._journal, cleared_name(self._printer.serial), "")

    async def _emptied(self, snapshot: Snapshot, taken: Attempt | None) -> bool:
        """Bring the printer to READY; the journal's own mark is the caller's."""
        driver = self._printer.driver
        reply: CommandReply = Accepted()
        stuck = taken is not None and goes_on(taken, snapshot)
        if snapshot.status in BROKEN or (stuck and self._by_hand()):
            await driver.recover()
            return False
        if snapshot.status is PrinterStatus.FINISHED_UNCLEARED:
            reply = await driver.clear()
        elif snapshot.status is not PrinterStatus.READY:
            return False
        return isinstance(reply, Accepted)

    def _ask(self, snapshot: Snapshot) -> None:
        if not self._asked:
            serial = self._printer.serial
            log.warning(
                "%s (%s) waits: empty the plate, then run `infill-agent clear %s`",
                serial,
                snapshot.status,
                serial,
            )
            self._asked = True
