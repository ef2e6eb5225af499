"""A tree of boxes over facets: which of them may touch, and which a ray may meet.

The facets lie along a space-filling curve; each level of the tree halves the number of boxes of the next. All
walks go level by level over arrays, so their cost is that of the boxes they touch, not that of a loop.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from marketplace.designs.mesh.arrays import Floats, Ints, least, most
from marketplace.designs.mesh.surface import Surface

Columns = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]

BITS: Final = 20
# Facets this many times larger than the usual one are kept apart: among small ones they bloat every box.
LARGE: Final = 8.0
CHUNK: Final = 100_000
# The four pairs of children of a pair of boxes.
LEFT, RIGHT = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])


@dataclass(frozen=True)
class Level:
    """Boxes of one level: three rows of low, three of high coordinates."""

    low: Columns
    high: Columns

    @property
    def count(self) -> int:
        return len(self.low[0])


@dataclass(frozen=True)
class Tree:
    """`levels` from the one box around everything to those of single facets, which are `order`."""

    levels: tuple[Level, ...]
    order: Ints


def tree_of(surface: Surface) -> Tree:
    """A tree over all facets of a surface; it has at least one."""
    low, high = _boxes(surface)
    order = np.argsort(_places(low, high))
    # Rounded outwards: what overlaps must not be lost to the shorter numbers.
    small = np.nextafter(low[:, order].astype(np.float32), np.float32(-np.inf))
    large = np.nextafter(high[:, order].astype(np.float32), np.float32(np.inf))
    levels = [Level(small, large)]
    while levels[-1].count > 1:
        levels.append(_halved(levels[-1]))
    return Tree(tuple(reversed(levels)), order)


def _boxes(surface: Surface) -> tuple[Floats, Floats]:
    low = np.empty((3, len(surface.faces)))
    high = np.empty_like(low)
    for axis in range(3):
        corners = surface.points[:, axis][surface.faces]
        low[axis], high[axis] = least(corners), most(corners)
    return low, high


def _places(low: Floats, high: Floats) -> Ints:
    """Each box's place on the curve; large ones after the small ones."""
    middle = (low + high) / 2
    start = middle.min(axis=1, keepdims=True)
    span = float((middle.max(axis=1, keepdims=True) - start).max()) or 1.0
    cells = ((middle - start) * ((2**BITS - 1) / span)).astype(np.int64)
    places = _spread(cells[0]) | _spread(cells[1]) << 1 | _spread(cells[2]) << 2
    size = (high - low).max(axis=0)
    usual = float(np.median(size)) or 1.0
    classes = (size > LARGE * usual).astype(np.int64) + (size > LARGE**2 * usual)
    ordered: Ints = places + (classes << 60)
    return ordered


def _spread(cells: Ints) -> Ints:
    """The lower 21 bits with two empty ones after each."""
    spread = cells & 0x1FFFFF
    for shift, mask in (
        (32, 0x1F00000000FFFF),
        (16, 0x1F0000FF0000FF),
        (8, 0x100F00F00F00F00F),
        (4, 0x10C30C30C30C30C3),
        (2, 0x1249249249249249),
    ):
        spread = (spread | spread << shift) & mask
    return spread


def _halved(level: Level) -> Level:
    even, odd = slice(0, level.count // 2 * 2, 2), slice(1, None, 2)
    low = np.minimum(level.low[:, even], level.low[:, odd])
    high = np.maximum(level.high[:, even], level.high[:, odd])
    if level.count % 2:
        low = np.concatenate([low, level.low[:, -1:]], axis=1)
        high = np.concatenate([high, level.high[:, -1:]], axis=1)
    return Level(low, high)


@dataclass(frozen=True)
class Pairs:
    """Facets whose boxes touch, each pair once; `complete` unless there were too many to look at all."""

    first: Ints
    second: Ints
    complete: bool


def touching(tree: Tree, limit: int) -> Pairs:
    """Pairs of facets with touching boxes; of more than `limit` at any level an even selection."""
    one = other = np.zeros(1, dtype=np.int32)
    complete = True
    for level in tree.levels[1:]:
        one, other = _children(level, one, other)
        if len(one) > limit:
            step = -(-len(one) // limit)
            one, other, complete = one[::step], other[::step], False
    apart = one != other
    return Pairs(tree.order[one[apart]], tree.order[other[apart]], complete)


def _children(level: Level, one: Numbers, other: Numbers) -> tuple[Numbers, Numbers]:
    """Touching children of touching boxes `one <= other`, each pair once. Children of a pair stay together:
    what comes after one another lies near one another in memory."""
    found = [
        _touching_children(level, one[start : start + CHUNK], other[start : start + CHUNK])
        for start in range(0, len(one), CHUNK)
    ]
    return np.concatenate([each[0] for each in found]), np.concatenate([each[1] for each in found])


def _touching_children(level: Level, one: Numbers, other: Numbers) -> tuple[Numbers, Numbers]:
    left = 2 * one[:, None].astype(np.int64) + LEFT
    right = 2 * other[:, None].astype(np.int64) + RIGHT
    there = right < level.count
    # Of one box with itself, the second child with the first is the first with the second.
    there[:, 2] &= one != other
    left, right = left[there], right[there]
    for axis in range(3):
        low, high = level.low[axis], level.high[axis]
        near = (low.take(left) <= high.take(right)) & (low.take(right) <= high.take(left))
        left, right = left[near], right[near]
    # Half as long numbers, as there may be tens of millions of them.
    return left.astype(np.int32), right.astype(np.int32)
