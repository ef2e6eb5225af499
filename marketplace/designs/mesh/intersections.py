"""Facets that run through one another: where slicers must guess what is inside."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Flags, Floats, Ints, crosses, dots, least, most
from marketplace.designs.mesh.surface import Surface
from marketplace.designs.mesh.tree import Tree, touching

# Pairs of touching boxes looked at, at most. Ordinary surfaces have up to ten a facet, so that even those
# of a million facets are all seen; the promise is 200,000. Small models get fewer: one with a hundred pairs
# a facet, such as a disc of needles, would take as long as a million facets.
PAIRS_A_FACET: Final = 20
FEWEST_PAIRS: Final = 2_000_000
MOST_PAIRS: Final = 12_000_000
CHUNK: Final = 400_000


@dataclass(frozen=True)
class Intersections:
    """Pairs of facets that cross or cover one another; of a selection only unless `complete`."""

    first: Ints
    second: Ints
    complete: bool

    @property
    def pairs(self) -> int:
        return len(self.first)


def pair_limit(facets: int) -> int:
    """How many pairs of a model are compared before a selection has to do."""
    return min(MOST_PAIRS, max(FEWEST_PAIRS, PAIRS_A_FACET * facets))


def intersections_of(surface: Surface, tree: Tree, limit: int | None = None) -> Intersections:
    """Pairs of facets that cross by more than the surface's tolerance, or lie on one another facing the same
    way. Facets that only touch do neither. Neighbours along an edge are not looked at: they meet there."""
    candidates = touching(tree, limit or pair_limit(len(surface.faces)))
    crossing: list[Ints] = []
    for start in range(0, len(candidates.first), CHUNK):
        one, other = candidates.first[start : start + CHUNK], candidates.second[start : start + CHUNK]
        shared = _shared(surface.faces, one, other)
        sound = (shared < 2) & (surface.areas[one] > 0) & (surface.areas[other] > 0)
        one, other, shared = one[sound], other[sound], shared[sound]
        found = _crossing(surface, one, other, shared)
        crossing.append(np.stack([one[found], other[found]]))
    pairs = np.concatenate(crossing, axis=1) if crossing else np.empty((2, 0), dtype=np.int64)
    return Intersections(pairs[0], pairs[1], candidates.complete)


def _shared(faces: Ints, one: Ints, other: Ints) -> Ints:
    """How many points each pair has in common."""
    count = np.zeros(len(one), dtype=np.int64)
    columns = [faces[other, number] for number in range(3)]
    for number in range(3):
        point = faces[one, number]
        for column in columns:
            count += point == column
    return count


def _crossing(surface: Surface, one: Ints, other: Ints, shared: Ints) -> Flags:
    below = _heights(surface, one, other)
    lowest, highest = least(below), most(below)
    mixed = (highest > surface.tolerance) & (lowest < -surface.tolerance)
    level = (highest <= surface.tolerance) & (lowest >= -surface.tolerance)
    found = np.zeros(len(one), dtype=np.bool_)
    maybe = np.flatnonzero(mixed)
    above = _heights(surface, other[maybe], one[maybe])
    mutual = (most(above) > surface.tolerance) & (least(above) < -surface.tolerance)
    maybe, above = maybe[mutual], above[mutual]
    found[maybe] = _spans_overlap(surface, one[maybe], other[maybe], below[maybe], above)
    # Neighbours in a flat face share a point and never cover one another.
    flat = np.flatnonzero(level & (shared == 0))
    alike = dots(surface.normals[one[flat]], surface.normals[other[flat]]) > 0
    flat = flat[alike]
    found[flat] = _covers(surface, one[flat], other[flat])
    return found


def _heights(surface: Surface, facets: Ints, planes: Ints) -> Floats:
    """Of the corners of `facets` over the planes of `planes`: (n, 3), in mm."""
    heights = np.empty((len(facets), 3))
    normal, point = surface.normals[planes], surface.corner(0, planes)
    for number in range(3):
        heights[:, number] = dots(surface.corner(number, facets) - point, normal)
    return heights


def _spans_overlap(surface: Surface, one: Ints, other: Ints, below: Floats, above: Floats) -> Flags:
    """Both facets cut the line where their planes meet; they cross where the two cuts overlap."""
    line = crosses(surface.normals[one], surface.normals[other])
    length = np.sqrt(dots(line, line))
    line /= np.where(length > 0, length, 1)[:, None]
    start, end = _span(surface, one, below, line)
    begin, stop = _span(surface, other, above, line)
    overlap: Flags = np.minimum(end, stop) - np.maximum(start, begin) > surface.tolerance
    return overlap & (length > 1e-9)


def _span(surface: Surface, facets: Ints, heights: Floats, line: Floats) -> tuple[Floats, Floats]:
    """From where to where along `line` each facet is at height zero."""
    along = np.stack([dots(surface.corner(number, facets), line) for number in range(3)], axis=1)
    low, high = np.full(len(facets), np.inf), np.full(len(facets), -np.inf)
    for number in range(3):
        after = (number + 1) % 3
        here, there = heights[:, number], heights[:, after]
        cut = here * there <= 0
        share = here / np.where(here == there, 1, here - there)
        place = along[:, number] + share * (along[:, after] - along[:, number])
        low = np.where(cut, np.minimum(low, place), low)
        high = np.where(cut, np.maximum(high, place), high)
    return low, high


def _covers(surface: Surface, one: Ints, other: Ints) -> Flags:
    """Whether facets in the same plane overlap: no edge of either has the other wholly outside it."""
    first = [surface.corner(number, one) for number in range(3)]
    second = [surface.corner(number, other) for number in range(3)]
    apart = _edge_parts(first, second, surface.normals[one], surface.tolerance)
    return ~(apart | _edge_parts(second, first, surface.normals[other], surface.tolerance))


def _edge_parts(own: list[Floats], other: list[Floats], normal: Floats, tolerance: float) -> Flags:
    apart = np.zeros(len(normal), dtype=np.bool_)
    turn = np.sign(dots(crosses(own[1] - own[0], own[2] - own[0]), normal))
    for number in range(3):
        edge = own[(number + 1) % 3] - own[number]
        inwards = crosses(normal, edge) * turn[:, None]
        inwards /= np.sqrt(dots(inwards, inwards))[:, None]
        farthest = np.max([dots(corner - own[number], inwards) for corner in other], axis=0)
        apart |= farthest <= tolerance
    return apart
