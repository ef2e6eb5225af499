"""What a provider may say of a making by hand, and when: measured, packed, shipped. Pure.

Texts are bounded, and none of them is meant for an address: evidence is read by both parties, and in a
dispute by an arbiter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from protocol.capability import SizeUm
from protocol.evidence import Kind
from protocol.jobspec import Part
from protocol.statuses import MakingStatus
from provider_agent.errors import StatementRefused
from provider_agent.making.telling import part_json

M = MakingStatus
OFF_THE_PRINTER: Final = frozenset({M.CLEARED, M.DELIVERED})
SAID: Final[Mapping[Kind, frozenset[MakingStatus]]] = {
    Kind.MEASURED: frozenset({M.PRINTING, M.PRINTED}) | OFF_THE_PRINTER,
    Kind.PACKED: OFF_THE_PRINTER,
    Kind.SHIPPED: OFF_THE_PRINTER,
}
"""Each kind, and the statuses at which it may be said."""
TODO: Final[Mapping[MakingStatus, str]] = {
    M.PRINTING: "it is being printed: wait for its last print",
    M.PRINTED: "it is on the plate: empty that, then run `infill-agent clear {printer}`",
    M.PAID: "it is paid, and its files are deleted: tell the designer yourself",
    M.FAILED: "it has failed: there is nothing to deliver",
}
_CARRIER: Final = re.compile(r"[^\W_](?:[\w .&+-]{0,38}[^\W_])?")
_TRACKING: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._/-]{0,62}[A-Za-z0-9])?")


def statement_check(kind: Kind, status: MakingStatus, printer: str) -> None:
    """Raises StatementRefused, which says what to do, unless this may be said of a making of that status."""
    if status not in SAID[kind]:
        todo = TODO.get(status, "nothing of it is printed yet").format(printer=printer)
        raise StatementRefused(f"not {kind}: {todo}")


def part_named(parts: Sequence[Part], name: str) -> int:
    """The number of a part from 0 on, by its name, or by its place from 1 on. Raises StatementRefused."""
    named = [number for number, part in enumerate(parts) if part.name == name]
    if len(named) == 1:
        return named[0]
    if name.isascii() and name.isdecimal() and 1 <= int(name) <= len(parts):
        return int(name) - 1
    known = ", ".join(f"{place} ({part.name})" for place, part in enumerate(parts, 1))
    why = f"several parts are called {name!r}: say its number" if named else f"there is no part {name!r}"
    raise StatementRefused(f"{why}; the parts are {known}")


def measured(
    parts: Sequence[Part],
    number: int,
    units: int,
    *,
    copy: int | None,
    size_um: SizeUm | None,
    weight_mg: int | None,
) -> dict[str, Any]:
    """What a measured copy of a part turned out as. `copy` counts from 1, as people count; in the record from
    0, as in those of prints. Raises StatementRefused."""
    if size_um is None and weight_mg is None:
        raise StatementRefused("measured what? Give --size, like 20.02x19.98x10.05, or --weight-grams")
    part = parts[number]
    copies = part.copies * units
    if copy is not None and not 1 <= copy <= copies:
        raise StatementRefused(f"there is no copy {copy} of {part.name!r}: copies are 1 to {copies}")
    size, counted = None if size_um is None else list(size_um), None if copy is None else copy - 1
    return part_json(parts, number) | _known(copy=counted, size_um=size, weight_mg=_weight(weight_mg))


def packed(*, weight_mg: int | None) -> dict[str, Any]:
    """A parcel of so many milligrams. Raises StatementRefused."""
    return _known(weight_mg=_weight(weight_mg))


def shipped(*, carrier: str, tracking: str) -> dict[str, Any]:
    """Who carries it, and the carrier's own number for it. Raises StatementRefused."""
    carrier, tracking = " ".join(carrier.split()), " ".join(tracking.split())
    if not _CARRIER.fullmatch(carrier):
        raise StatementRefused(
            f"{carrier!r} is no carrier: write its name in at most 40 letters, digits and signs like &;"
            ' "collected" where it is fetched'
        )
    if not _TRACKING.fullmatch(tracking):
        raise StatementRefused(
            f"{tracking!r} is no tracking number: write at most 64 letters, digits, dashes, dots and slashes,"
            ' or "none"; never an address'
        )
    return {"carrier": carrier, "tracking": tracking}


def is_repeated(said: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    """Whether the newest statement of its kind says the very same."""
    if before is None:
        return False
    about = {name: value for name, value in before.items() if name not in ("salt", "statement", "said_at")}
    return about == dict(said)


def _weight(weight_mg: int | None) -> int | None:
    if weight_mg is not None and weight_mg <= 0:
        raise StatementRefused("nothing weighs nothing: give --weight-grams like 41.5")
    return weight_mg


def _known(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
