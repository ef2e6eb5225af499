"""Machine time held for bids and makings. On one printer no two held reservations overlap."""

from __future__ import annotations

import time
from dataclasses import dataclass

from protocol.units import Digest, digest_of, hex_of
from provider_agent.errors import JournalBroken
from provider_agent.journal.store import Journal


@dataclass(frozen=True)
class Reservation:
    """Machine time on one printer, epoch seconds, the end excluded."""

    agreement: Digest
    serial: str
    starts_at: int
    ends_at: int


def reservations_held(journal: Journal, serial: str | None = None) -> list[Reservation]:
    """Reservations not yet freed, of one printer or all, in order of time."""
    statement = (
        "SELECT * FROM reservations WHERE freed_at IS NULL AND (? IS NULL OR serial = ?) ORDER BY starts_at"
    )
    return [
        Reservation(digest_of(row["agreement"]), row["serial"], row["starts_at"], row["ends_at"])
        for row in journal.rows(statement, serial, serial)
    ]


def reservation_seconds(journal: Journal, agreement: Digest) -> int:
    """How long a reservation is, or was before it was freed. Raises JournalBroken where there was none."""
    found = journal.row(
        "SELECT ends_at - starts_at AS seconds FROM reservations WHERE agreement = ?", hex_of(agreement)
    )
    if found is None:
        raise JournalBroken(f"no machine time was ever reserved for {hex_of(agreement)}")
    return int(found["seconds"])


def reservation_put(journal: Journal, held: Reservation) -> None:
    """Hold machine time; a freed reservation of the same agreement is replaced."""
    journal.write(
        "INSERT OR REPLACE INTO reservations VALUES (?, ?, ?, ?, NULL)",
        hex_of(held.agreement),
        held.serial,
        held.starts_at,
        held.ends_at,
    )


def reservation_free(journal: Journal, agreement: Digest) -> None:
    """Give machine time and material back. Freeing twice changes nothing."""
    with journal.atomic():
        for table in ("reservations", "stock"):
            journal.write(
                f"UPDATE {table} SET freed_at = ? WHERE agreement = ? AND freed_at IS NULL",  # noqa: S608 - ours
                int(time.time()),
                hex_of(agreement),
            )
