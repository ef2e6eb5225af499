"""What a provider says of the finished parts: as measured, as packed, and how they are sent. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace.pages.wording import copy_text, size_text, weight_text
from protocol.evidence import Kind

MOST_PARTS = 10_000
"""No spec has so many."""
SHOWN_CHARS = 64
"""An agent of ours writes no longer texts."""


@dataclass(frozen=True)
class Said:
    """One signed record."""

    kind: str
    at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Parcel:
    """The newest words, and the newest measurement of each copy of each part; times are the provider's."""

    carrier: str = ""
    tracking: str = ""
    shipped_at: datetime | None = None
    packed_at: datetime | None = None
    weight: str = ""
    measured: Sequence[tuple[str, str]] = ()

    @property
    def told(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.shipped_at or self.packed_at or self.measured)


def parcel_of(records: Sequence[Said]) -> Parcel:
    """From a provider's records, oldest first."""
    newest = {record.kind: record for record in records}
    shipped, packed = newest.get(Kind.SHIPPED), newest.get(Kind.PACKED)
    return Parcel(
        carrier=_short(shipped, "carrier"),
        tracking=_short(shipped, "tracking"),
        shipped_at=shipped.at if shipped else None,
        packed_at=packed.at if packed else None,
        weight=weight_text(packed.payload) if packed else "",
        measured=_measured(records),
    )


def _measured(records: Sequence[Said]) -> Sequence[tuple[str, str]]:
    """Of each copy of each part that has any facts, its name and them."""
    found: dict[tuple[int | None, str, str], str] = {}
    for record in records:
        told = ", ".join(filter(None, (size_text(record.payload), weight_text(record.payload))))
        if record.kind == Kind.MEASURED and told:
            part = _short(record, "part") or "a part"
            found[_part_number(record), part, copy_text(record.payload)] = told
    called = Counter(part for _, part in {(number, part) for number, part, _ in found})
    return tuple((_named(*which, alone=called[which[1]] == 1), told) for which, told in found.items())


def _named(number: int | None, part: str, copy: str, *, alone: bool) -> str:
    """`lid.stl, copy 3`; parts that are called alike have their numbers too."""
    place = "" if alone or number is None else f"part {number + 1}"
    return ", ".join(filter(None, (part, place, copy)))


def _part_number(record: Said) -> int | None:
    number = record.payload.get("part_number")
    return number if type(number) is int and 0 <= number < MOST_PARTS else None


def _short(record: Said | None, name: str) -> str:
    value = record.payload.get(name) if record else None
    return value[:SHOWN_CHARS] if isinstance(value, str) else ""
