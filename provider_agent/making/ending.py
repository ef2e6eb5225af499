"""An attempt that failed: in the journal, in the evidence log, and at the printer."""

from __future__ import annotations

import asyncio
import logging

from protocol.evidence import Kind
from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import ACTIVE, Accepted, Snapshot
from provider_agent.evidence_log import EvidenceLog
from provider_agent.fleet import Printer
from provider_agent.journal.attempts import Attempt, AttemptStatus, attempt_ended, plate_taken, samples_of
from provider_agent.journal.facts import fact, fact_set
from provider_agent.journal.spools import spool_use
from provider_agent.journal.store import Journal
from provider_agent.making.telemetry import segments_close

log = logging.getLogger(__name__)

CANCEL_AGAIN_SECONDS = 5.0


def alarm_name(serial: str) -> str:
    """The fact that says at which attempt a printer was last found to be dangerous."""
    return f"alarm: {serial}"


def alarmed(journal: Journal, attempt: Attempt) -> bool:
    """Whether an attempt was ended because its printer was dangerous: a person has to look at it."""
    return fact(journal, alarm_name(attempt.serial)) == attempt.id


def attempt_fail(
    journal: Journal, evidence: EvidenceLog, attempt: Attempt, reason: str, *, alarm: bool = False
) -> None:
    """Record that an attempt is over without a part. Its plate stays taken until it is cleared; after an
    alarm, by a person."""
    with journal.atomic():
        if alarm:
            fact_set(journal, alarm_name(attempt.serial), attempt.id)
        segments_close(journal, evidence, attempt)
        spool_use(journal, attempt, _progress(journal, attempt))
        attempt_ended(journal, attempt.id, AttemptStatus.FAILED, reason)
        payload = {"attempt": attempt.id, "reason": reason}
        evidence.append(f"failed:{attempt.id}", Kind.PRINT_FAILED, payload)


def _progress(journal: Journal, attempt: Attempt) -> float:
    """How far the printer said last that it had come, from 0 to 1."""
    told = samples_of(journal, attempt.id)[-1:]
    return float(told[0].get("progress") or 0) if told else 0.0


def goes_on(attempt: Attempt, snapshot: Snapshot) -> bool:
    """Whether a printer is still at work on an attempt that the journal has given up."""
    if attempt.status is not AttemptStatus.FAILED or snapshot.status not in ACTIVE:
        return False
    if snapshot.attempt is not None:
        return snapshot.attempt == attempt.id
    return snapshot.job == attempt.remote_name


async def cancel_given_up(journal: Journal, printer: Printer) -> None:
    """For ever: cancel at the printer what the journal has given up; after an alarm, cut its heaters.

    The journal comes first, so that a kill in between cannot leave a print running that nobody wants.
    """
    said = refused = ""
    while True:
        snapshot = await printer.next_snapshot()
        taken = plate_taken(journal, printer.serial)
        if taken is None or not goes_on(taken, snapshot):
            continue
        cut = alarmed(journal, taken) and printer.driver.capabilities().emergency_stop
        if snapshot.status is PrinterStatus.CANCELLING and not cut:
            continue
        if said != taken.id:
            log.info(
                "%s: %s the print that was given up", printer.serial, "cutting off" if cut else "cancelling"
            )
            said = taken.id
        reply = await (printer.driver.emergency_stop() if cut else printer.driver.cancel())
        reason = "" if isinstance(reply, Accepted) else reply.reason
        if reason and reason != refused:
            log.warning("%s goes on with it: %s; trying again", printer.serial, reason)
        refused = reason
        await asyncio.sleep(CANCEL_AGAIN_SECONDS)
