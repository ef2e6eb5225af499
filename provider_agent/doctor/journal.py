"""The journal, and what it says waits for a person."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from typing import Final

from protocol.statuses import MakingStatus
from protocol.units import duration_text, hex_of
from provider_agent.doctor.checks import Check, Finding, failed, ok, warning
from provider_agent.doctor.subject import Subject
from provider_agent.journal.attempts import plate_taken
from provider_agent.journal.bids import bid_get
from provider_agent.journal.copying import problems_of
from provider_agent.journal.intents import intent_in_flight
from provider_agent.journal.makings import Making, makings
from provider_agent.journal.records import agreements_unsent
from provider_agent.journal.restored import is_behind
from provider_agent.journal.store import Journal, journal_uri
from provider_agent.making.plate import RUNNING
from provider_agent.making.unsaid import is_to_ship
from provider_agent.supervisor import JOURNAL

STUCK_SECONDS: Final = 600
INTEGRITY_SECONDS: Final = 60.0
LATE_SECONDS: Final = 24 * 60 * 60


def journal_checks(subject: Subject) -> list[Check]:
    """Those of a journal that can be read."""
    journal = subject.journal
    if journal is None:
        return []

    async def integrity() -> Finding:
        return await asyncio.to_thread(_integrity, subject)

    async def restored() -> Finding:
        return _restored(journal)

    async def transaction() -> Finding:
        return _transaction(journal)

    async def evidence() -> Finding:
        return _evidence(journal)

    async def plates() -> Finding:
        return _plates(subject, journal)

    async def shipping() -> Finding:
        return await _shipping(subject, journal)

    async def deadlines() -> Finding:
        return await _deadlines(subject, journal)

    return [
        Check("journal", integrity, seconds=INTEGRITY_SECONDS),
        Check("restored", restored),
        Check("transaction", transaction),
        Check("evidence", evidence),
        Check("plates", plates),
        Check("shipping", shipping),
        Check("deadlines", deadlines),
    ]


def _integrity(subject: Subject) -> Finding:
    path = subject.home / JOURNAL
    todo = "stop the agent, keep the file, restore the newest backup: docs/recovering.md"
    try:
        with closing(sqlite3.connect(journal_uri(path, "ro"), uri=True, timeout=10)) as connection:
            problems = problems_of(connection)
    except sqlite3.DatabaseError as error:
        problems = str(error)
    if problems:
        return failed(f"the journal is damaged: {problems}", todo)
    return ok(f"the journal is whole ({path.stat().st_size / 1e6:.1f} MB)")


def _restored(journal: Journal) -> Finding:
    if is_behind(journal):
        return warning(
            "the journal is a restored one that has not caught up",
            "`infill-agent run`: it says what it needs",
        )
    return ok("the journal knows all that it signed")


def _transaction(journal: Journal) -> Finding:
    pending = intent_in_flight(journal)
    if pending is None:
        return ok("no transaction is in flight")
    age = int(time.time()) - pending.created_at
    text = f"the {pending.purpose} transaction is in flight for {age} s"
    if age < STUCK_SECONDS:
        return ok(text)
    return warning(
        text, "see that the agent runs, has ether for gas, and that its node hands on transactions"
    )


def _evidence(journal: Journal) -> Finding:
    waiting = agreements_unsent(journal)
    if not waiting:
        return ok("the marketplace has all evidence")
    return warning(
        f"evidence of {len(waiting)} agreements is not sent yet", "see that the agent runs; its log says why"
    )


def _plates(subject: Subject, journal: Journal) -> Finding:
    waiting = []
    for printer in subject.fleet.all():
        taken = plate_taken(journal, printer.serial)
        if taken is not None and taken.status not in RUNNING and not printer.config.auto_clear:
            waiting.append(printer.serial)
    if waiting:
        commands = ", ".join(f"`infill-agent clear {serial}`" for serial in waiting)
        return warning(f"a print is still on {', '.join(waiting)}", f"empty the plate, then {commands}")
    return ok("no plate waits for anybody")


async def _shipping(subject: Subject, journal: Journal) -> Finding:
    """What is made and waits for a person to send it; the rest of its time is told."""
    waiting = []
    for making in makings(journal, live=True):
        if is_to_ship(journal, subject.config.policy, making):
            left = await _left(subject, journal, making)
            waiting.append(f"{hex_of(making.agreement)[:10]} ({duration_text(max(left, 0))} left)")
    if waiting:
        return warning(
            f"made, and not said to be shipped: {', '.join(waiting)}",
            "ship each, then `infill-agent shipped AGREEMENT --carrier ... --tracking ...`",
        )
    return ok("nothing waits to be shipped")


async def _left(subject: Subject, journal: Journal, making: Making) -> int:
    """Seconds until it has to be delivered."""
    word = await subject.chain.word(making.agreement)
    return word.clock + bid_get(journal, making.agreement).bid.make_time - int(time.time())


async def _deadlines(subject: Subject, journal: Journal) -> Finding:
    """What is not delivered in time costs its price and its bond."""
    late = []
    for making in makings(journal, live=True):
        if making.status is MakingStatus.DELIVERED:
            continue
        left = await _left(subject, journal, making)
        if left < LATE_SECONDS:
            late.append(
                f"{hex_of(making.agreement)[:10]} ({making.status}, {max(left, 0) / 3600:.1f} h left)"
            )
    if late:
        return warning(f"due within a day: {', '.join(late)}", "see what holds it up: `infill-agent status`")
    return ok("nothing is due within a day")
