"""How many instances a 3MF asks for, counted before lib3mf reads it: lib3mf walks every one of them while it
reads, and a kilobyte of components within components makes billions."""

import re
from typing import Final

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.archive import Entry
from marketplace.designs.mesh.formats.model import Limits

WHAT: Final = "3MF"
DEPTH_LIMIT: Final = 64
TAG: Final = re.compile(rb"<(?:[^\s<>/:]+:)?(object|component|item)(?=[\s/>])([^>]*)>")
IDENTITY: Final = {b"object": b"id", b"component": b"objectid", b"item": b"objectid"}
ATTRIBUTE: Final = re.compile(rb"""(?:^|\s)([^\s=<>"']+)\s*=\s*("[^"]*"|'[^']*')""")

Key = tuple[bytes, bytes]


def check(entries: tuple[Entry, ...], limits: Limits) -> None:
    """Raises ModelRefused for more instances or deeper nesting than allowed, and for circles."""
    children: dict[Key, list[Key]] = {}
    roots: list[Key] = []
    for entry in entries:
        if entry.path.lower().endswith(".model"):
            _collect(entry, children, roots)
    totals: dict[Key, int] = {}
    count = sum(_total(root, children, totals, ()) for root in roots)
    # Objects that stand on no plate are walked too.
    count = max([count, *(_total(each, children, totals, ()) for each in children)])
    if count > limits.instances:
        raise refusals.too_many("instances", count, limits.instances)


def _collect(entry: Entry, children: dict[Key, list[Key]], roots: list[Key]) -> None:
    own = _path(entry.path.encode())
    within: list[Key] = []
    for tag in TAG.finditer(entry.data):
        given = {key.rpartition(b":")[2]: value[1:-1] for key, value in ATTRIBUTE.findall(tag[2])}
        number = given.get(IDENTITY[tag[1]], b"")
        if not number.isdigit():
            raise refusals.broken(WHAT, "an object has no number")
        key = (_path(given[b"path"]) if b"path" in given else own, number.lstrip(b"0"))
        if tag[1] == b"object":
            within = children.setdefault((own, number.lstrip(b"0")), [])
        elif tag[1] == b"component":
            within.append(key)
        else:
            roots.append(key)


def _path(given: bytes) -> bytes:
    return given.lstrip(b"/").lower()


def _total(key: Key, children: dict[Key, list[Key]], totals: dict[Key, int], above: tuple[Key, ...]) -> int:
    if key in above:
        raise refusals.broken(WHAT, "an object contains itself")
    if len(above) > DEPTH_LIMIT:
        raise refusals.too_many("levels of components", len(above), DEPTH_LIMIT)
    if key not in totals:
        below = children.get(key, [])
        totals[key] = 1 + sum(_total(each, children, totals, (*above, key)) for each in below)
    return totals[key]
