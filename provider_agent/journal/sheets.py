"""The plan of plates: the sheets of an agreement, journalled before the first of them is sliced."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from protocol.units import Digest, hex_of
from provider_agent.journal.bids import bid_get
from provider_agent.journal.makings import making_get
from provider_agent.journal.store import Journal
from provider_agent.plates.plan import Plate, Sheet, plates_of
from provider_agent.slicing.place import Place


def sheets_add(journal: Journal, agreement: Digest, sheets: Iterable[Sheet]) -> None:
    """Journal sheets. Raises sqlite3.IntegrityError where a number is used."""
    with journal.atomic():
        for sheet in sheets:
            journal.write(
                "INSERT INTO sheets VALUES (?, ?, ?, ?, ?)",
                hex_of(agreement),
                sheet.number,
                sheet.first,
                sheet.times,
                json.dumps([[part, places_json(places)] for part, places in sheet.layout]),
            )


def sheet_drop(journal: Journal, agreement: Digest, number: int) -> None:
    """Take a sheet of which nothing is sliced out of the plan: its copies are printed alone."""
    journal.write("DELETE FROM sheets WHERE agreement = ? AND number = ?", hex_of(agreement), number)


def sheets_planned(journal: Journal, agreement: Digest) -> list[Sheet]:
    """The sheets of an agreement, by number."""
    rows = journal.rows("SELECT * FROM sheets WHERE agreement = ? ORDER BY number", hex_of(agreement))
    return [_sheet(row) for row in rows]


def plates_planned(journal: Journal, agreement: Digest) -> list[Plate]:
    """Every print of a making, in order. Raises JournalBroken."""
    parts = bid_get(journal, agreement).spec.parts
    return plates_of(parts, making_get(journal, agreement).units, sheets_planned(journal, agreement))


def places_json(places: Iterable[Place]) -> list[list[Any]]:
    """`[[x_um, y_um, turned], ...]`."""
    return [[place.x_um, place.y_um, place.turned] for place in places]


def places_of(data: Iterable[list[Any]]) -> tuple[Place, ...]:
    """Inverse of places_json."""
    return tuple(Place(x, y, turned) for x, y, turned in data)


def _sheet(row: sqlite3.Row) -> Sheet:
    layout = tuple((part, places_of(places)) for part, places in json.loads(row["items"]))
    return Sheet(row["number"], row["first"], row["times"], layout)
