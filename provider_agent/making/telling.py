"""A plate in words, and in records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from protocol.jobspec import Part
from protocol.plates import copies_text
from protocol.units import hex_of
from provider_agent.plates.plan import Plate


def plate_text(parts: Sequence[Part], plate: Plate) -> str:
    """`4 copies of 'clip' and 2 of 'lid'`."""
    return copies_text((parts[part].name, len(copies)) for part, copies in plate.copies)


def part_json(parts: Sequence[Part], number: int) -> dict[str, Any]:
    """How a record of a plate names a part: by its number too, as two may be one model under one name."""
    part = parts[number]
    return {"part": part.name, "part_number": number, "model": hex_of(part.model)}
