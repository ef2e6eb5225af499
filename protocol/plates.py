"""What is on a plate, in words. One copy is named by itself, `part`; several are listed, `items`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def copies_text(copies: Iterable[tuple[str, int]]) -> str:
    """Parts and how many copies of each: `4 copies of 'clip' and 2 of 'lid'`; of a single copy `'clip'`."""
    told = [(name, number) for name, number in copies if number > 0]
    if len(told) == 1 and told[0][1] == 1:
        return f"'{told[0][0]}'"
    words = [
        f"{number}{'' if place else ' copies' if number > 1 else ' copy'} of '{name}'"
        for place, (name, number) in enumerate(told)
    ]
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def payload_text(payload: Mapping[str, Any]) -> str:
    """What a record of slicing or printing is of: the part's name, or the copies of several. Empty where it
    does not say; whatever it says, it is not trusted."""
    items = payload.get("items")
    if not isinstance(items, list):
        part = payload.get("part")
        return part if isinstance(part, str) else ""
    return copies_text(
        (item["part"], _number(item))
        for item in items
        if isinstance(item, dict) and isinstance(item.get("part"), str)
    )


def _number(item: Mapping[str, Any]) -> int:
    """Records of slicing say where each copy lies, records of prints which copies there are."""
    found = item.get("copies", item.get("places"))
    return len(found) if isinstance(found, list) else 0
