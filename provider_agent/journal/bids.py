"""Bids: their full terms are here before a signature leaves the agent."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from protocol.jobspec import JobSpec
from protocol.statuses import BidStatus
from protocol.terms import Bid
from protocol.units import Digest, Wei, digest_of, hex_of
from provider_agent.errors import JournalBroken
from provider_agent.journal.reservations import reservation_free
from provider_agent.journal.store import Journal


@dataclass(frozen=True)
class BidRow:
    """A bid as journalled. `signature` is None until the escrow found it awardable."""

    agreement: Digest
    job: str
    serial: str
    bid: Bid
    spec: JobSpec
    salt: Digest
    signature: bytes | None
    sent: bool
    status: BidStatus
    reason: str
    made_at: int
    verdict: dict[str, Any] | None = None
    """How its price came about, as weighed then; None for bids of before that was kept."""


def bid_add(
    journal: Journal,
    *,
    agreement: Digest,
    job: str,
    serial: str,
    bid: Bid,
    spec: JobSpec,
    salt: Digest,
    now: int,
    verdict: dict[str, Any] | None = None,
) -> None:
    """Journal the terms of a bid that is about to be signed. One open bid a job."""
    journal.insert(
        "bids",
        agreement=hex_of(agreement),
        job=job,
        serial=serial,
        bid=json.dumps(bid.to_json()),
        spec=json.dumps(spec.to_json()),
        salt=hex_of(salt),
        status=BidStatus.OPEN,
        made_at=now,
        valid_until=bid.valid_until,
        bond=str(bid.bond),
        verdict="" if verdict is None else json.dumps(verdict),
    )


def bid_signed(journal: Journal, agreement: Digest, signature: bytes) -> None:
    """Keep the signature, so that the same bytes are sent after a restart."""
    journal.write("UPDATE bids SET signature = ? WHERE agreement = ?", hex_of(signature), hex_of(agreement))


def bid_sent(journal: Journal, agreement: Digest) -> None:
    """The marketplace has the bid."""
    journal.write("UPDATE bids SET sent = 1 WHERE agreement = ?", hex_of(agreement))


def bid_end(journal: Journal, agreement: Digest, status: BidStatus, reason: str = "") -> bool:
    """Close an open bid and free its machine time, unless it was won. False if it was not open."""
    with journal.atomic():
        changed = journal.write(
            "UPDATE bids SET status = ?, reason = ? WHERE agreement = ? AND status = 'OPEN'",
            status,
            reason,
            hex_of(agreement),
        )
        if changed and status is not BidStatus.AWARDED:
            reservation_free(journal, agreement)
    return changed == 1


def bid_find(journal: Journal, agreement: Digest) -> BidRow | None:
    """The bid with this id, if the agent made it."""
    found = journal.row("SELECT * FROM bids WHERE agreement = ?", hex_of(agreement))
    return None if found is None else _bid(found)


def bid_get(journal: Journal, agreement: Digest) -> BidRow:
    """The bid with this id. Raises JournalBroken where there is none."""
    found = bid_find(journal, agreement)
    if found is None:
        raise JournalBroken(f"no bid {hex_of(agreement)} in this journal")
    return found


def bids_open(journal: Journal) -> list[BidRow]:
    """Bids that may still be awarded, oldest first."""
    return [_bid(row) for row in journal.rows("SELECT * FROM bids WHERE status = 'OPEN' ORDER BY made_at")]


def bids_expired(journal: Journal, moment: int) -> list[BidRow]:
    """Open bids that were valid until before a moment, epoch seconds."""
    statement = "SELECT * FROM bids WHERE status = 'OPEN' AND valid_until < ? ORDER BY made_at"
    return [_bid(row) for row in journal.rows(statement, moment)]


def bonds_promised(journal: Journal) -> Wei:
    """What all bids that may still be awarded would lock."""
    return Wei(sum(int(row["bond"]) for row in journal.rows("SELECT bond FROM bids WHERE status = 'OPEN'")))


def bids_for(journal: Journal, job: str) -> list[BidRow]:
    """All bids for a job, the newest first."""
    rows = journal.rows("SELECT * FROM bids WHERE job = ? ORDER BY made_at DESC, rowid DESC", job)
    return [_bid(row) for row in rows]


def job_taken(journal: Journal, job: str) -> bool:
    """Whether a bid for this job is open, or was won."""
    statement = "SELECT 1 FROM bids WHERE job = ? AND status IN ('OPEN', 'AWARDED')"
    return journal.row(statement, job) is not None


def bids_since(journal: Journal, moment: int) -> int:
    """How many bids were made since then."""
    found = journal.row("SELECT count(*) AS number FROM bids WHERE made_at >= ?", moment)
    return int(found["number"]) if found else 0


def _bid(row: sqlite3.Row) -> BidRow:
    signature = row["signature"]
    return BidRow(
        agreement=digest_of(row["agreement"]),
        job=row["job"],
        serial=row["serial"],
        bid=Bid.from_json(json.loads(row["bid"])),
        spec=JobSpec.from_json(json.loads(row["spec"])),
        salt=digest_of(row["salt"]),
        signature=bytes.fromhex(signature[2:]) if signature else None,
        sent=bool(row["sent"]),
        status=BidStatus(row["status"]),
        reason=row["reason"],
        made_at=row["made_at"],
        verdict=json.loads(row["verdict"]) if row["verdict"] else None,
    )
