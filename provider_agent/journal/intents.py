"""Transactions: the intent, its nonce and its signed bytes are here before any of it reaches a node.

One is in flight at a time (an index sees to it), so no nonce is skipped or used twice.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from enum import StrEnum

from protocol.units import Address, Digest, Wei, address_of, hex_of
from provider_agent.journal.store import Journal


class IntentStatus(StrEnum):
    """INTENDED: in flight. MOOT: never mined, no longer needed. REVERTED: mined without effect."""

    INTENDED = "INTENDED"
    MINED = "MINED"
    REVERTED = "REVERTED"
    MOOT = "MOOT"


@dataclass(frozen=True)
class Intent:
    """One transaction the agent means to have mined, whatever fee that takes."""

    id: int
    purpose: str
    agreement: str
    destination: Address
    data: bytes
    value: Wei
    nonce: int
    created_at: int


@dataclass(frozen=True)
class Broadcast:
    """One signed form of an intent; a dearer one with the same nonce replaces it."""

    digest: str
    raw: bytes
    max_fee: int
    sent_at: int


def intent_add(
    journal: Journal,
    *,
    purpose: str,
    agreement: Digest | None,
    destination: Address,
    data: bytes,
    value: int,
    nonce: int,
) -> Intent:
    """Journal an intent. Raises sqlite3.IntegrityError while another is in flight."""
    journal.insert(
        "transactions",
        purpose=purpose,
        agreement=hex_of(agreement) if agreement else "",
        destination=destination,
        data=hex_of(data),
        value=str(value),
        nonce=nonce,
        status=IntentStatus.INTENDED,
        created_at=int(time.time()),
    )
    found = intent_in_flight(journal)
    if found is None:
        raise AssertionError("an intent just written is in flight")
    return found


def intent_in_flight(journal: Journal) -> Intent | None:
    """The intent whose outcome is not known yet."""
    found = journal.row("SELECT * FROM transactions WHERE status = 'INTENDED'")
    return None if found is None else _intent(found)


def intent_end(journal: Journal, intent: Intent, status: IntentStatus) -> None:
    """Its outcome is known."""
    journal.write("UPDATE transactions SET status = ? WHERE id = ?", status, intent.id)


def broadcast_add(journal: Journal, intent: Intent, *, digest: bytes, raw: bytes, max_fee: int) -> None:
    """Journal signed bytes that are about to be broadcast."""
    journal.insert(
        "broadcasts",
        digest=hex_of(digest),
        intent=intent.id,
        raw=hex_of(raw),
        max_fee=str(max_fee),
        sent_at=int(time.time()),
    )


def broadcast_again(journal: Journal, sent: Broadcast) -> None:
    """The same signed bytes are about to be broadcast once more."""
    journal.write("UPDATE broadcasts SET sent_at = ? WHERE digest = ?", int(time.time()), sent.digest)


def broadcasts_of(journal: Journal, intent: Intent) -> list[Broadcast]:
    """All signed forms of an intent, oldest first."""
    rows = journal.rows("SELECT * FROM broadcasts WHERE intent = ? ORDER BY rowid", intent.id)
    return [
        Broadcast(row["digest"], bytes.fromhex(row["raw"][2:]), int(row["max_fee"]), row["sent_at"])
        for row in rows
    ]


def _intent(row: sqlite3.Row) -> Intent:
    return Intent(
        id=row["id"],
        purpose=row["purpose"],
        agreement=row["agreement"],
        destination=address_of(row["destination"]),
        data=bytes.fromhex(row["data"][2:]),
        value=Wei(int(row["value"])),
        nonce=row["nonce"],
        created_at=row["created_at"],
    )
