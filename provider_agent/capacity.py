"""Machine time: reserved in the journal before a bid is signed, freed when nothing more depends on it."""

from __future__ import annotations

from collections.abc import Sequence

from protocol.units import Digest
from provider_agent.errors import NoRoom
from provider_agent.journal.reservations import Reservation, reservation_put, reservations_held
from provider_agent.journal.store import Journal


def earliest_start(held: Sequence[Reservation], seconds: int, *, now: int) -> int:
    """The first moment from `now` on that leaves `seconds` free on one printer.

    A reservation that should be over but is still held belongs to a making that is late: it ends now.
    """
    start = now
    for taken in sorted(held, key=lambda reservation: reservation.starts_at):
        if taken.starts_at - start >= seconds:
            break
        start = max(start, taken.ends_at)
    return start


def booked_permille(held: Sequence[Reservation], printers: int, *, now: int, until: int) -> int:
    """Share of the time of so many printers from `now` to `until` that reservations hold, rounded down."""
    booked = sum(max(0, min(taken.ends_at, until) - max(taken.starts_at, now)) for taken in held)
    whole = printers * (until - now)
    return min(1000, booked * 1000 // whole) if whole > 0 else 0


def reserve(
    journal: Journal, *, agreement: Digest, serial: str, seconds: int, now: int, end_by: int | None = None
) -> Reservation:
    """Hold the earliest free time of a printer. Raises NoRoom where that would end after `end_by`."""
    with journal.atomic():
        others = [held for held in reservations_held(journal, serial) if held.agreement != agreement]
        start = earliest_start(others, seconds, now=now)
        if end_by is not None and start + seconds > end_by:
            raise NoRoom(f"{serial} has no {seconds} s free before {end_by}: its schedule is full")
        held = Reservation(agreement, serial, start, start + seconds)
        reservation_put(journal, held)
    return held
