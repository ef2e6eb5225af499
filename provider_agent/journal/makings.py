"""Makings: what was won, and how far it is."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any, Final

from protocol.statuses import BidStatus, How, MakingStatus, check_transition
from protocol.units import Digest, Wei, digest_of, hex_of
from provider_agent.errors import JournalBroken, MakingUnknown
from provider_agent.journal.bids import bid_end
from provider_agent.journal.store import Journal

OVER: Final = (MakingStatus.PAID, MakingStatus.FAILED)


@dataclass(frozen=True)
class Making:
    """One agreement being made. `paid` is what the chain says was paid, gross of fees."""

    agreement: Digest
    status: MakingStatus
    reason: str
    units: int
    award_block: int
    award_transaction: str
    paid: Wei
    how: How
    changed_at: int


@dataclass(frozen=True)
class FileRow:
    """A file of a making: its name in the making's folder, its digest, and what is known of it."""

    name: str
    digest: Digest
    facts: dict[str, Any]


def making_add(journal: Journal, *, agreement: Digest, units: int, block: int, transaction: str) -> bool:
    """Journal a final award of one of our bids. False if it is there already."""
    now = int(time.time())
    with journal.atomic():
        bid_end(journal, agreement, BidStatus.AWARDED)
        return bool(
            journal.write(
                "INSERT INTO makings"
                " (agreement, status, units, award_block, award_transaction, created_at, changed_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                hex_of(agreement),
                MakingStatus.WON,
                units,
                block,
                transaction,
                now,
                now,
            )
        )


def making_advance(journal: Journal, agreement: Digest, new: MakingStatus, reason: str = "") -> None:
    """Change the status in one atomic write. Raises TransitionRefused."""
    with journal.atomic():
        check_transition(making_get(journal, agreement).status, new)
        journal.write(
            "UPDATE makings SET status = ?, reason = ?, changed_at = ? WHERE agreement = ?",
            new,
            reason,
            int(time.time()),
            hex_of(agreement),
        )


def making_paid(journal: Journal, agreement: Digest, paid: Wei, how: How) -> None:
    """Keep what the chain says was paid and how the agreement closed."""
    journal.write(
        "UPDATE makings SET paid = ?, how = ? WHERE agreement = ?", str(paid), how, hex_of(agreement)
    )


def making_get(journal: Journal, agreement: Digest) -> Making:
    """Raises JournalBroken where there is none."""
    found = journal.row("SELECT * FROM makings WHERE agreement = ?", hex_of(agreement))
    if found is None:
        raise JournalBroken(f"no making {hex_of(agreement)} in this journal")
    return _making(found)


def makings(journal: Journal, *, live: bool = False) -> list[Making]:
    """All makings in the order they were won; with `live`, those that are neither paid nor failed."""
    rows = journal.rows("SELECT * FROM makings ORDER BY created_at, rowid")
    found = [_making(row) for row in rows]
    return [making for making in found if not (live and making.status in OVER)]


def making_named(journal: Journal, name: str) -> Making:
    """The making whose id begins so, 0x and hex digits. Raises MakingUnknown for none, or several."""
    found = [making for making in makings(journal) if hex_of(making.agreement).startswith(name.lower())]
    if name[:2].lower() == "0x" and len(found) == 1:
        return found[0]
    shown = ", ".join(hex_of(making.agreement)[:10] for making in makings(journal, live=True)) or "none"
    many = (
        f"{len(found)} agreements begin with {name!r}"
        if len(found) > 1
        else f"there is no agreement {name!r}"
    )
    raise MakingUnknown(
        f"{many}: write its id, or as much of it as names one, like 0x12ab34; open are {shown}"
    )


def file_set(journal: Journal, agreement: Digest, part: int, kind: str, row: FileRow) -> None:
    """Journal a file that is complete on disk, replacing an older one. `part`: of G-code, the sheet."""
    journal.write(
        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
        hex_of(agreement),
        part,
        kind,
        row.name,
        hex_of(row.digest),
        json.dumps(row.facts),
    )


def file_find(journal: Journal, agreement: Digest, part: int, kind: str) -> FileRow | None:
    """A journalled file of a making."""
    found = journal.row(
        "SELECT * FROM files WHERE agreement = ? AND part = ? AND kind = ?", hex_of(agreement), part, kind
    )
    return (
        None
        if found is None
        else FileRow(found["name"], digest_of(found["digest"]), json.loads(found["facts"]))
    )


def _making(row: sqlite3.Row) -> Making:
    return Making(
        agreement=digest_of(row["agreement"]),
        status=MakingStatus(row["status"]),
        reason=row["reason"],
        units=row["units"],
        award_block=row["award_block"],
        award_transaction=row["award_transaction"],
        paid=Wei(int(row["paid"])),
        how=How(row["how"]),
        changed_at=row["changed_at"],
    )
