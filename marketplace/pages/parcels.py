"""What a provider says of the finished parts: as measured, as packed, and how they are sent. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace.pages.wording import size_text, weight_text
from protocol.evidence import Kind

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
    found: dict[str, str] = {}
    for record in records:
        told = ", ".join(filter(None, (size_text(record.payload), weight_text(record.payload))))
        if record.kind == Kind.MEASURED and told:
            found[_named(record)] = told
    return tuple(found.items())


def _named(record: Said) -> str:
    copy = record.payload.get("copy")
    number = f", copy {copy}" if isinstance(copy, int) and not isinstance(copy, bool) else ""
    return f"{_short(record, 'part') or 'a part'}{number}"


def _short(record: Said | None, name: str) -> str:
    value = record.payload.get(name) if record else None
    return value[:SHOWN_CHARS] if isinstance(value, str) else ""
