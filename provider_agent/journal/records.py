"""The agent's own evidence records, and which of them the marketplace has: the journal is the outbox."""

from __future__ import annotations

import json

from protocol.evidence import SignedEvidence
from protocol.units import Digest, digest_of, hex_of
from provider_agent.journal.store import Journal


def record_add(journal: Journal, key: str, signed: SignedEvidence) -> None:
    """Journal a record. Raises sqlite3.IntegrityError where its seq or its key is used."""
    journal.insert(
        "evidence",
        agreement=hex_of(signed.record.agreement),
        seq=signed.record.seq,
        key=key,
        signed=json.dumps(signed.to_json()),
    )


def record_find(journal: Journal, agreement: Digest, key: str) -> SignedEvidence | None:
    """The record written for this key (one fact of one making)."""
    found = journal.row("SELECT signed FROM evidence WHERE agreement = ? AND key = ?", hex_of(agreement), key)
    return None if found is None else SignedEvidence.from_json(json.loads(found["signed"]))


def record_last(journal: Journal, agreement: Digest) -> SignedEvidence | None:
    """The newest record of an agreement."""
    found = journal.row(
        "SELECT signed FROM evidence WHERE agreement = ? ORDER BY seq DESC LIMIT 1", hex_of(agreement)
    )
    return None if found is None else SignedEvidence.from_json(json.loads(found["signed"]))


def records_all(journal: Journal, agreement: Digest) -> list[SignedEvidence]:
    """An agreement's log, oldest first."""
    rows = journal.rows("SELECT signed FROM evidence WHERE agreement = ? ORDER BY seq", hex_of(agreement))
    return [SignedEvidence.from_json(json.loads(row["signed"])) for row in rows]


def record_count(journal: Journal, agreement: Digest, prefix: str = "") -> int:
    """How many records an agreement has whose key starts so."""
    found = journal.row(
        "SELECT count(*) AS number FROM evidence WHERE agreement = ? AND substr(key, 1, ?) = ?",
        hex_of(agreement),
        len(prefix),
        prefix,
    )
    return int(found["number"]) if found else 0


def records_unsent(journal: Journal, agreement: Digest) -> list[SignedEvidence]:
    """What the marketplace has not acknowledged, in order."""
    rows = journal.rows(
        "SELECT signed FROM evidence WHERE agreement = ? AND sent = 0 ORDER BY seq", hex_of(agreement)
    )
    return [SignedEvidence.from_json(json.loads(row["signed"])) for row in rows]


def record_sent(journal: Journal, agreement: Digest, seq: int) -> None:
    """The marketplace has this record."""
    journal.write("UPDATE evidence SET sent = 1 WHERE agreement = ? AND seq = ?", hex_of(agreement), seq)


def records_resume(journal: Journal, agreement: Digest, expected_seq: int) -> None:
    """The marketplace has exactly the records before `expected_seq`."""
    journal.write("UPDATE evidence SET sent = (seq < ?) WHERE agreement = ?", expected_seq, hex_of(agreement))


def agreements_unsent(journal: Journal) -> list[Digest]:
    """Agreements with records to send."""
    rows = journal.rows("SELECT DISTINCT agreement FROM evidence WHERE sent = 0")
    return [digest_of(row["agreement"]) for row in rows]
