"""The plate: READY needs a recorded clearing, and nothing starts by itself after a fault, or on the filament
of another part."""

from __future__ import annotations

import logging

from protocol.capability import ANY_COLOUR
from protocol.jobspec import Part
from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import Accepted, CommandReply, Refused, Snapshot
from provider_agent.drivers.errors import PrinterError
from provider_agent.fleet import Printer
from provider_agent.journal.attempts import Attempt, AttemptStatus, plate_clear, plate_taken
from provider_agent.journal.facts import fact, fact_set
from provider_agent.journal.store import Journal
from provider_agent.making.ending import alarmed, goes_on

log = logging.getLogger(__name__)

RUNNING = (AttemptStatus.INTENDED, AttemptStatus.STARTED)
BROKEN = (PrinterStatus.FAULT, PrinterStatus.DISCONNECTED)


def cleared_name(serial: str) -> str:
    """The fact that a person sets with `infill-agent clear`, and that is used up once."""
    return f"plate cleared by hand: {serial}"


def loaded_name(serial: str) -> str:
    """The fact that says which filament is on a printer; what was there first is taken for the right one."""
    return f"filament loaded: {serial}"


class Plate:
    """One printer's plate and filament, as the journal and the printer see them."""

    def __init__(self, journal: Journal, printer: Printer) -> None:
        self._journal = journal
        self._printer = printer
        self._asked = ""

    async def ready(self, part: Part | None = None) -> bool:
        """Whether a print (of `part`, on its filament) may start now. Clears and recovers what it may on the
        way; call again."""
        taken = plate_taken(self._journal, self._printer.serial)
        if taken is not None and taken.status in RUNNING:
            return False
        snapshot = await self._printer.driver.snapshot()
        if snapshot.status is PrinterStatus.READY and taken is None:
            return self._loaded(snapshot, part)
        if taken is None and snapshot.status not in (*BROKEN, PrinterStatus.FINISHED_UNCLEARED):
            return False
        if not self._allowed(taken):
            self._ask(snapshot, "empty the plate", self._to_load(part))
        elif await self._emptied(snapshot, taken):
            await self._discard(taken)
            with self._journal.atomic():
                plate_clear(self._journal, self._printer.serial)
                if self._load_done(part):
                    self._load(part)
                self._used()
            log.info("%s: the plate is clear", self._printer.serial)
        return False

    def _loaded(self, snapshot: Snapshot, part: Part | None) -> bool:
        """READY with an empty plate: whether the part's filament is on it too."""
        todo = self._to_load(part)
        if todo and not self._load_done(part):
            if todo not in self._asked:
                # Whatever a person said before answered another question.
                self._used()
            self._ask(snapshot, todo)
            return False
        with self._journal.atomic():
            self._load(part)
            self._used()
        return True

    def _to_load(self, part: Part | None) -> str:
        """What a person is to do before this part, if anything."""
        if part is None or self._printer.config.auto_load:
            return ""
        on = fact(self._journal, loaded_name(self._printer.serial))
        if not on or on == part.filament or (part.colour == ANY_COLOUR and on.split()[0] == part.material):
            return ""
        return f"load {part.filament}"

    def _load_done(self, part: Part | None) -> bool:
        """Whether a person was asked to load it, and has answered."""
        return bool(self._to_load(part)) and self._to_load(part) in self._asked and self._by_hand()

    def _load(self, part: Part | None) -> None:
        name = loaded_name(self._printer.serial)
        if part is None or self._printer.config.auto_load:
            return
        if self._to_load(part) or not fact(self._journal, name):
            fact_set(self._journal, name, part.filament)

    def _allowed(self, taken: Attempt | None) -> bool:
        if taken is not None and alarmed(self._journal, taken):
            return self._by_hand()
        return self._printer.config.auto_clear or self._by_hand()

    def _by_hand(self) -> bool:
        return bool(fact(self._journal, cleared_name(self._printer.serial)))

    def _used(self) -> None:
        """One clearing by hand is good for one plate."""
        self._asked = ""
        if self._by_hand():
            fact_set(self._journal, cleared_name(self._printer.serial), "")

    async def _emptied(self, snapshot: Snapshot, taken: Attempt | None) -> bool:
        """Bring the printer to READY; the journal's own mark is the caller's."""
        driver = self._printer.driver
        reply: CommandReply = Accepted()
        stuck = taken is not None and goes_on(taken, snapshot)
        if snapshot.status in BROKEN or (stuck and self._by_hand()):
            self._recovered(snapshot, await driver.recover())
            return False
        if snapshot.status is PrinterStatus.FINISHED_UNCLEARED:
            reply = await driver.clear()
        elif snapshot.status is not PrinterStatus.READY:
            return False
        return isinstance(reply, Accepted)

    def _recovered(self, snapshot: Snapshot, reply: CommandReply) -> None:
        """Some printer software resets no printer: then somebody has to go there, and has to be told. What is
        only too early is tried again."""
        refused = reply.reason if isinstance(reply, Refused) and not reply.retryable else ""
        if refused and refused != self._printer.refused:
            log.warning("%s (%s) is not recovered: %s", self._printer.serial, snapshot.status, refused)
        self._printer.refused = refused

    async def _discard(self, taken: Attempt | None) -> None:
        """The designer's G-code leaves the printer with the print. Before the plate counts as clear: after a
        kill in between it is done again."""
        if taken is None:
            return
        try:
            await self._printer.driver.discard(taken.remote_name, taken.id)
        except PrinterError as error:
            log.warning("%s: %s stays on the printer: %s", self._printer.serial, taken.remote_name, error)

    def _ask(self, snapshot: Snapshot, *todo: str) -> None:
        asked = " and ".join(filter(None, todo))
        if asked != self._asked:
            serial = self._printer.serial
            log.warning(
                "%s (%s) waits: %s, then run `infill-agent clear %s`", serial, snapshot.status, asked, serial
            )
            self._asked = asked
