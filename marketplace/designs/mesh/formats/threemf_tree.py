"""How many instances a 3MF asks for, counted before lib3mf reads it: lib3mf walks every one of them while it
reads, and a kilobyte of components within components makes billions.

lib3mf takes much that is no XML, and takes it in its own way. What it would read otherwise than it is read
here is refused: tags, attributes and nesting have to be those of XML.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.archive import Entry
from marketplace.designs.mesh.formats.model import Limits

WHAT: Final = "3MF"
DEPTH_LIMIT: Final = 64
NUMBER_LIMIT: Final = 2**31
PRODUCTION: Final = b"http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
IDENTITY: Final = {b"object": b"id", b"component": b"objectid", b"item": b"objectid"}
CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")

NAME: Final = rb"""[^\s<>/=?&"']++"""
ATTRIBUTES: Final = rb"""(?:\s*+%s\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))*+\s*+""" % NAME
COUNTED: Final = rb"(?:[^\s<>/:]*+:)?(?:object|component|item)[\s/>]"
# Text, comments, the declaration of XML, and elements that are not counted and have none within: passed over
# without a step of Python for each of a million facets.
PASSED: Final = (
    rb"[^<]++|<!--.*?-->|<\?xml%(attributes)s\?>"
    rb"|<(?!!--|%(counted)s)(%(name)s)%(attributes)s(?:/>|>[^<]*+</\1>)"
    % {
        b"attributes": ATTRIBUTES,
        b"counted": COUNTED,
        b"name": NAME,
    }
)
TAG: Final = re.compile(
    rb"(?:%s)*+(?:\Z|</(?P<closed>%s)>|<(?!!--)(?P<opened>%s)(?P<attributes>%s)(?P<empty>/?)>)"
    % (PASSED, NAME, NAME, ATTRIBUTES),
    re.DOTALL,
)
ATTRIBUTE: Final = re.compile(rb"""([^\s=<>"']+)\s*=\s*("[^"]*"|'[^']*')""")
DECLARED: Final = re.compile(rb"""xmlns:([^\s=<>"']+)\s*=\s*(?=("[^"<]*"|'[^'<]*'))""")
ESCAPED: Final = {b"&quot;": b'"', b"&apos;": b"'", b"&lt;": b"<", b"&gt;": b">", b"&amp;": b"&"}
ESCAPE: Final = re.compile(rb"&(?:quot|apos|lt|gt|amp);")
NOT_PRINTED: Final = frozenset({b"0", b"false"})

Key = tuple[bytes, bytes]
Given = list[tuple[bytes, bytes]]


@dataclass
class _Tree:
    """What each object is made of, and the items; `printed` as `checked` gives it."""

    children: dict[Key, list[Key]] = field(default_factory=dict)
    roots: list[Key] = field(default_factory=list)
    printed: dict[str, list[bool]] = field(default_factory=dict)


def checked(entries: tuple[Entry, ...], limits: Limits) -> dict[str, list[bool]]:
    """Which of the items of each file are to be printed, in their order; by `model_key` of its path.

    All files have to be XML or empty, as lib3mf takes for a model whatever links name. Raises ModelRefused
    for more instances or deeper nesting than allowed, for circles, and for objects that are not there."""
    tree = _Tree()
    for entry in entries:
        _collect(entry, tree)
    _check_names(tree)
    totals: dict[Key, int] = {}
    count = sum(_total(root, tree.children, totals, ()) for root in tree.roots)
    # Objects that stand on no plate are walked too.
    count = max([count, *(_total(each, tree.children, totals, ()) for each in tree.children)])
    if count > limits.instances:
        raise refusals.too_many("instances", count, limits.instances)
    return tree.printed


def model_key(path: str) -> str:
    return path.lstrip("/\\").lower()


def _tags(data: bytes) -> Iterator[re.Match[bytes]]:
    """Those of elements that are counted, and of all that have others within; well nested."""
    if CONTROL.search(data):
        raise refusals.broken(WHAT, "it holds control characters")
    open_ones: list[bytes] = []
    at = 0
    while at < len(data):
        tag = TAG.match(data, at)
        if not tag:
            raise refusals.broken(WHAT, "it is not XML")
        at = tag.end()
        closed, opened = tag["closed"], tag["opened"]
        if closed and (not open_ones or open_ones.pop() != closed):
            raise refusals.broken(WHAT, "an element ends that has not begun")
        # lib3mf takes the start of a CDATA section for an element that never ends.
        if opened and not tag["empty"] and not opened.startswith(b"!"):
            open_ones.append(opened)
        if len(open_ones) > DEPTH_LIMIT:
            raise refusals.too_many("levels of elements", len(open_ones), DEPTH_LIMIT)
        if closed or opened:
            yield tag
    if open_ones:
        raise refusals.broken(WHAT, "an element does not end; perhaps the file was cut off")


def _collect(entry: Entry, tree: _Tree) -> None:
    own = _path(entry.path.encode())
    printed = tree.printed.setdefault(model_key(entry.path), [])
    prefixes = _production(entry.data)
    within: list[Key] | None = None
    for tag in _tags(entry.data):
        kind = _local(tag["opened"] or tag["closed"])
        if kind not in IDENTITY:
            continue
        if tag["closed"]:
            within = None if kind == b"object" else within
            continue
        given = [(name, value[1:-1]) for name, value in ATTRIBUTE.findall(tag["attributes"])]
        key = _key(given, IDENTITY[kind], own, prefixes)
        if kind == b"item":
            tree.roots.append(key)
            printed.append(dict(given).get(b"printable") not in NOT_PRINTED)
        elif (kind == b"object") == (within is not None):
            raise refusals.broken(WHAT, "an object stands within another, or a component in none")
        elif within is not None:
            within.append(key)
        else:
            made = tree.children.setdefault((own, key[1]), [])
            within = None if tag["empty"] else made


def _production(data: bytes) -> frozenset[bytes]:
    """The prefixes of the production extension: those that nothing declares, or seems to, as another's."""
    declared = [(prefix, uri[1:-1]) for prefix, uri in DECLARED.findall(data)]
    others = {prefix for prefix, uri in declared if uri != PRODUCTION}
    return frozenset(prefix for prefix, _ in declared) - others


def _key(given: Given, identity: bytes, own: bytes, prefixes: frozenset[bytes]) -> Key:
    numbers = [value for name, value in given if _local(name) == identity]
    paths = [(name, value) for name, value in given if _local(name) == b"path"]
    if len(numbers) > 1 or len(paths) > 1:
        raise refusals.broken(WHAT, "an object is named twice at once")
    if not numbers or not numbers[0].isdigit() or len(numbers[0]) > 99 or int(numbers[0]) >= NUMBER_LIMIT:
        raise refusals.broken(WHAT, "an object has no number")
    number = numbers[0].lstrip(b"0")
    if not paths:
        return own, number
    name, path = paths[0]
    # lib3mf follows no other.
    if name.rpartition(b":")[0] not in prefixes:
        raise refusals.broken(WHAT, "a path is none of the production extension")
    return _path(ESCAPE.sub(lambda escape: ESCAPED[escape[0]], path)), number


def _local(name: bytes) -> bytes:
    return name.rpartition(b":")[2]


def _check_names(tree: _Tree) -> None:
    """What is not there would count as nothing, and may be there for lib3mf."""
    named = (key for keys in (tree.roots, *tree.children.values()) for key in keys)
    if any(key not in tree.children for key in named):
        raise refusals.broken(WHAT, "it names an object that is not there")


def _path(given: bytes) -> bytes:
    return given.lstrip(b"/\\").lower()


def _total(key: Key, children: dict[Key, list[Key]], totals: dict[Key, int], above: tuple[Key, ...]) -> int:
    if key in above:
        raise refusals.broken(WHAT, "an object contains itself")
    if len(above) > DEPTH_LIMIT:
        raise refusals.too_many("levels of components", len(above), DEPTH_LIMIT)
    if key not in totals:
        below = children.get(key, [])
        totals[key] = 1 + sum(_total(each, children, totals, (*above, key)) for each in below)
    return totals[key]
