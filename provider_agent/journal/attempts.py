"""Attempts to print one item (one plate of the plan). An attempt is here before the printer hears of it."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from protocol.jobspec import JobSpec
from protocol.statuses import PrinterStatus
from protocol.units import Digest, digest_of, hex_of
from provider_agent.journal.store import Journal


class AttemptStatus(StrEnum):
    """INTENDED: the start may or may not have reached the printer. DROPPED: it certainly never began."""

    INTENDED = "INTENDED"
    STARTED = "STARTED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


@dataclass(frozen=True)
class Attempt:
    """`item` counts the plates of an agreement, `number` the attempts at one of them; both from 0."""

    id: str
    agreement: Digest
    item: int
    number: int
    serial: str
    remote_name: str
    status: AttemptStatus
    reason: str
    intended_at: int
    cleared: bool


def attempt_intend(journal: Journal, agreement: Digest, item: int, serial: str, suffix: str) -> Attempt:
    """Journal that an item is about to be printed. The id and the remote name are unique for ever."""
    number = len(
        journal.rows("SELECT 1 FROM attempts WHERE agreement = ? AND item = ?", hex_of(agreement), item)
    )
    identity = f"{agreement.hex()[:16]}-{item}-{number}"
    journal.insert(
        "attempts",
        id=identity,
        agreement=hex_of(agreement),
        item=item,
        number=number,
        serial=serial,
        remote_name=f"infill-{identity}{suffix}",
        status=AttemptStatus.INTENDED,
        intended_at=int(time.time()),
    )
    return attempts_of(journal, agreement, item)[-1]


def attempt_started(journal: Journal, identity: str) -> None:
    """The printer says it began."""
    journal.write("UPDATE attempts SET status = 'STARTED' WHERE id = ? AND status = 'INTENDED'", identity)


def attempt_ended(journal: Journal, identity: str, status: AttemptStatus, reason: str = "") -> None:
    """The attempt is over. A dropped one never touched the plate, which therefore needs no clearing."""
    now = int(time.time())
    cleared = now if status is AttemptStatus.DROPPED else None
    journal.write(
        "UPDATE attempts SET status = ?, reason = ?, ended_at = ?, cleared_at = ? WHERE id = ?",
        status,
        reason,
        now,
        cleared,
        identity,
    )


def attempts_of(journal: Journal, agreement: Digest, item: int | None = None) -> list[Attempt]:
    """The attempts at an agreement, or at one of its items, in order."""
    statement = "SELECT * FROM attempts WHERE agreement = ? AND (? IS NULL OR item = ?) ORDER BY item, number"
    return [_attempt(row) for row in journal.rows(statement, hex_of(agreement), item, item)]


def plate_taken(journal: Journal, serial: str) -> Attempt | None:
    """The attempt whose print is (or may be) on this printer's plate."""
    found = journal.row("SELECT * FROM attempts WHERE serial = ? AND cleared_at IS NULL", serial)
    return None if found is None else _attempt(found)


def plate_clear(journal: Journal, serial: str) -> int:
    """Record that the plate was emptied of ended prints; how many that were. A running one stays."""
    return journal.write(
        "UPDATE attempts SET cleared_at = ? WHERE serial = ? AND cleared_at IS NULL"
        " AND status IN ('FINISHED', 'FAILED')",
        int(time.time()),
        serial,
    )


def sample_add(journal: Journal, attempt: str, observed_at: int, sample: dict[str, Any]) -> None:
    """Keep one telemetry sample of an attempt."""
    journal.insert("samples", attempt=attempt, observed_at=observed_at, sample=json.dumps(sample))


def samples_count(journal: Journal, attempt: str) -> int:
    """How many samples an attempt has."""
    found = journal.row("SELECT count(*) AS number FROM samples WHERE attempt = ?", attempt)
    return int(found["number"]) if found else 0


def samples_of(journal: Journal, attempt: str, skip: int = 0) -> list[dict[str, Any]]:
    """The samples of an attempt in order, but for the first `skip`."""
    rows = journal.rows(
        "SELECT sample FROM samples WHERE attempt = ? ORDER BY rowid LIMIT -1 OFFSET ?", attempt, skip
    )
    return [json.loads(row["sample"]) for row in rows]


def paused_seconds(journal: Journal, attempt: str) -> int:
    """How long an attempt's samples saw it paused, each until the sample after it."""
    found = journal.row(
        "SELECT coalesce(sum(until - observed_at), 0) AS seconds FROM ("
        " SELECT observed_at, json_extract(sample, '$.status') AS status,"
        " lead(observed_at) OVER (ORDER BY rowid) AS until FROM samples WHERE attempt = ?"
        ") WHERE status = ?",
        attempt,
        PrinterStatus.PAUSED,
    )
    return max(0, int(found["seconds"])) if found else 0


def prints_finished(journal: Journal, serial: str, limit: int) -> list[tuple[JobSpec, dict[str, Any]]]:
    """A printer's newest finished prints: the job of each, and what its record in the evidence log states."""
    rows = journal.rows(
        "SELECT spec, signed FROM attempts JOIN bids USING (agreement) JOIN evidence USING (agreement)"
        " WHERE attempts.serial = ? AND attempts.status = 'FINISHED' AND key = 'finished:' || id"
        " ORDER BY ended_at DESC, attempts.rowid DESC LIMIT ?",
        serial,
        limit,
    )
    return [
        (JobSpec.from_json(json.loads(row["spec"])), json.loads(row["signed"])["payload"]) for row in rows
    ]


def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(
        id=row["id"],
        agreement=digest_of(row["agreement"]),
        item=row["item"],
        number=row["number"],
        serial=row["serial"],
        remote_name=row["remote_name"],
        status=AttemptStatus(row["status"]),
        reason=row["reason"],
        intended_at=row["intended_at"],
        cleared=row["cleared_at"] is not None,
    )
