"""Committed lists of what is known and why it is right: `[[explained]]` entries with `place` and `reason`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path


class ListUnusable(Exception):
    """A list of explanations is not as it should be; the message says where."""


def read(path: Path) -> dict[str, str]:
    """Place -> reason. Raises ListUnusable where an entry lacks either, or is there twice."""
    try:
        entries = tomllib.loads(path.read_text()).get("explained", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ListUnusable(f"{path.name} cannot be read: {error}") from error
    reasons: dict[str, str] = {}
    for entry in entries:
        place, reason = entry.get("place", ""), entry.get("reason", "").strip()
        if not place or not reason:
            raise ListUnusable(f"{path.name}: an entry needs a place and a reason: {entry}")
        if place in reasons:
            raise ListUnusable(f"{path.name}: {place} is there twice")
        reasons[place] = reason
    return reasons


def problems(found: Mapping[str, str], explained: Mapping[str, str], name: str) -> list[str]:
    """A line for each thing found (place -> what) that is not explained, and each explanation of nothing."""
    new = [f"not explained: {place}: {what}" for place, what in found.items() if place not in explained]
    stale = [f"explained in {name}, but not found: {place}" for place in explained if place not in found]
    return new + stale
