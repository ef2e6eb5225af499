"""How many instances a 3MF asks for, counted before lib3mf reads it: lib3mf walks every one of them while it
reads, and a kilobyte of components within components makes billions."""

import re
from typing import Final

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.archive import Entry
from marketplace.designs.mesh.formats.model import Limits

WHAT: Final = "3MF"
DEPTH_LIMIT: Final = 64
TAG: Final = re.compile(rb"<(/?)(?:[^\s<>/:]+:)?(object|component|item)(?=[\s/>])([^>]*)>")
IDENTITY: Final = {b"object": b"id", b"component": b"objectid", b"item": b"objectid"}
ATTRIBUTE: Final = re.compile(rb"""([^\s=<>"']+)\s*=\s*("[^"]*"|'[^']*')""")
# lib3mf takes what XML forbids, tags within values, and what only looks like a tag would count here.
TAG_IN_VALUE: Final = re.compile(rb"""=\s*(?:"[^"<]*<|'[^'<]*<)""")
COMMENTS: Final = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"))

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
    _check_tags(entry.data)
    own = _path(entry.path.encode())
    within: list[Key] | None = None
    for tag in TAG.finditer(entry.data):
        closing, kind, attributes = tag.groups()
        if closing:
            within = None if kind == b"object" else within
            continue
        key = _key(attributes, IDENTITY[kind], own)
        if kind == b"item":
            roots.append(key)
        elif (kind == b"object") == (within is not None):
            raise refusals.broken(WHAT, "an object stands within another, or a component in none")
        elif within is not None:
            within.append(key)
        else:
            made = children.setdefault((own, key[1]), [])
            within = None if attributes.endswith(b"/") else made


def _check_tags(data: bytes) -> None:
    """What is read here has to be what lib3mf reads. Raises ModelRefused."""
    if TAG_IN_VALUE.search(data):
        raise refusals.broken(WHAT, "a value holds a tag")
    for start, end in COMMENTS:
        at = data.find(start)
        while at >= 0:
            closes = data.find(end, at)
            after = closes + len(end) if closes >= 0 else len(data)
            if TAG.search(data, at, after):
                raise refusals.broken(WHAT, "a comment holds objects")
            at = data.find(start, after)


def _key(attributes: bytes, identity: bytes, own: bytes) -> Key:
    names = [(name.rpartition(b":")[2], value[1:-1]) for name, value in ATTRIBUTE.findall(attributes)]
    given = {name: value for name, value in names if name in (identity, b"path")}
    if sum(name in given for name, _ in names) > len(given):
        raise refusals.broken(WHAT, "an object is named twice at once")
    number = given.get(identity, b"")
    if not number.isdigit():
        raise refusals.broken(WHAT, "an object has no number")
    return (_path(given[b"path"]) if b"path" in given else own, number.lstrip(b"0"))


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
