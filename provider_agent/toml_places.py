"""On which line of a TOML text each key stands: tomllib tells values alone (pure).

The text has been read by tomllib before, so that it is known to be TOML.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final

Place = tuple[str | int, ...]
"""Keys from the top, and places in arrays of tables: ("printers", 0, "capability", "bed_um")."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY: Final = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|("(?:[^"\\]|\\.)*")|'([^'\n]*)')[ \t]*""")
_TEXT: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'", re.DOTALL
)


def places_of(text: str) -> dict[Place, int]:
    """The line of every table and key outside inline tables, from 1 on."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    at = _blank(text, 0)
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        if text[at] == "[":
            many = text.startswith("[[", at)
            keys, at = _keys(text, at + 1 + many)
            table = _resolved(counts, keys, many)
            found.setdefault(table, line)
            at += 1 + many
        else:
            keys, at = _keys(text, at)
            found.setdefault((*table, *keys), line)
            at = _after_value(text, at + 1)
        at = _blank(text, at)
    return found


def line_of(places: dict[Place, int], place: Place) -> int | None:
    """The line of a key, else of the table that should have it; None where even that is missing."""
    return next((places[place[:end]] for end in range(len(place), 0, -1) if place[:end] in places), None)


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _keys(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """A dotted key, and where it ends."""
    keys: list[str] = []
    while found := _KEY.match(text, at):
        bare, quoted, literal = found.groups()
        keys.append(tomllib.loads(f"key = {quoted}")["key"] if quoted else bare or literal or "")
        at = found.end()
        if text[at : at + 1] != ".":
            break
        at += 1
    return tuple(keys), at


def _resolved(counts: dict[Place, int], keys: tuple[str, ...], many: bool) -> Place:
    """The table that a header opens: in arrays of tables, in their newest one."""
    place: Place = ()
    for number, key in enumerate(keys):
        place = (*place, key)
        if many and number == len(keys) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _after_value(text: str, at: int) -> int:
    """The end of the line on which a value ends; brackets and texts may hold line ends."""
    depth = 0
    while at < len(text) and not (text[at] == "\n" and depth == 0):
        if text[at] in "\"'" and (said := _TEXT.match(text, at)):
            at = said.end()
            continue
        if text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        depth += (text[at] in "[{") - (text[at] in "]}")
        at += 1
    return at
