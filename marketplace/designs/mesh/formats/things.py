"""What of a 3MF's items could be printed by itself: each shape once, with how often it stands there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from marketplace.designs.mesh.formats.model import Part, Triangles
from marketplace.designs.rules import COPIES_LIMIT, NAME_LIMIT, PARTS_LIMIT

# Of the longest side: what is moved is rounded, and a printer shows no such difference.
SAME: Final = 1e-5


@dataclass
class _Thing:
    """`first` of the items of one shape, lowest corner at the origin, and how many there are."""

    first: Part
    size: tuple[float, ...]
    count: int = 1

    def is_also(self, other: "_Thing") -> bool:
        """Whether the other one differs by where it stands alone."""
        one, two = self.first, other.first
        slack = max(self.size) * SAME
        if one.colour != two.colour or len(one.triangles) != len(two.triangles):
            return False
        if any(abs(a - b) > slack for a, b in zip(self.size, other.size, strict=True)):
            return False
        return bool((np.abs(one.triangles - two.triangles) <= slack).all())


def things_of(items: Sequence[Part]) -> tuple[Part, ...]:
    """The shapes among items, in their order, lowest corner at the origin, no two of one name. Empty where
    there is one item alone, or more than a job may have."""
    found: list[_Thing] = []
    for item in items if len(items) > 1 else ():
        thing = _thing(item)
        known = next((each for each in found if each.is_also(thing)), None)
        if known is None:
            found.append(thing)
        else:
            known.count += 1
        if len(found) > PARTS_LIMIT or (known and known.count > COPIES_LIMIT):
            return ()
    names: dict[str, int] = {}
    return tuple(replace(_named(each.first, names), copies=each.count) for each in found)


def _thing(item: Part) -> _Thing:
    corners = item.triangles.reshape(-1, 3)
    low, high = corners.min(axis=0), corners.max(axis=0)
    moved: Triangles = item.triangles - low
    return _Thing(replace(item, triangles=moved), tuple(float(side) for side in high - low))


def _named(part: Part, names: dict[str, int]) -> Part:
    names[part.name] = names.get(part.name, 0) + 1
    more = f" {names[part.name]}" if names[part.name] > 1 else ""
    return replace(part, name=part.name[: NAME_LIMIT - len(more)] + more)
