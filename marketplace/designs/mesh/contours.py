"""The outlines and holes of a model's cross-sections: how many, how long, how cornered."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from marketplace.designs.mesh.arrays import Floats, Ints, least, most
from marketplace.designs.mesh.surface import Surface

WALLS_MM: Final = 0.9
"""Two walls of 0.45 mm."""
SMALL_MM2: Final = 66.0
"""What slicers fill altogether, whatever the infill: 70 mm2 with what overlaps the walls."""
SHORT_MM: Final = 40.8
"""Slicers print loops below a radius of 6.5 mm slower."""
MOST_SEGMENTS: Final = 400_000
WALL_MM_S: Final = 48.0
JERK_MM_S: Final = 8.0


@dataclass(frozen=True)
class Contours:
    """For each plane: area in mm2, what two walls leave of it, and what of that is in small islands; loops,
    the length in mm of the short ones, and how much the head brakes at corners, in full stops."""

    area: Floats
    inner: Floats
    small: Floats
    loops: Floats
    short: Floats
    corners: Floats


@dataclass(frozen=True)
class _Segments:
    """Where facets cross planes: from one edge (tail) to another (head), the material on the left."""

    plane: Ints
    tail: Ints
    head: Ints
    start: Floats
    end: Floats


def contours_of(surface: Surface, planes: Floats) -> Contours:
    """Cut along rising planes, heights in the surface's coordinates. Where that would be too many segments,
    every other plane is cut, and so on."""
    step = 1
    z = surface.points[:, 2][surface.faces]
    low, high = least(z), most(z)
    while True:
        cut = planes[step // 2 :: step]
        first, last = np.searchsorted(cut, low), np.searchsorted(cut, high)
        if (last - first).sum() <= MOST_SEGMENTS or len(cut) == 1:
            break
        step *= 2
    traced = _traced(_cut(surface, cut, first, last - first), len(cut))
    nearest = np.clip(np.arange(len(planes)) // step, 0, len(cut) - 1)
    return Contours(*(values[nearest] for values in traced))


def _cut(surface: Surface, cut: Floats, first: Ints, counts: Ints) -> _Segments:
    facet = np.repeat(np.arange(len(first)), counts)
    plane = np.arange(len(facet)) - np.repeat(np.cumsum(counts) - counts, counts) + first[facet]
    faces = surface.faces[facet]
    height = cut[plane]
    above = surface.points[faces, 2] > height[:, None]
    # Of the three corners one is alone on its side.
    alone = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), (~above).argmax(axis=1))
    rows = np.arange(len(facet))
    corner, after, last = (faces[rows, (alone + step) % 3] for step in range(3))
    one, other = (_crossing(surface, corner, far, height) for far in (after, last))
    edges = [_edge(corner, far, len(surface.points)) for far in (after, last)]
    normal = surface.normals[facet]
    along = one - other
    backwards = (normal[:, 0] * along[:, 1] - normal[:, 1] * along[:, 0]) < 0
    keys = np.stack([plane * len(surface.points) ** 2 + edge for edge in edges])
    _, numbers = np.unique(keys, return_inverse=True)
    numbers = numbers.reshape(2, -1)
    return _Segments(
        plane=plane,
        tail=np.where(backwards, numbers[0], numbers[1]),
        head=np.where(backwards, numbers[1], numbers[0]),
        start=np.where(backwards[:, None], one, other),
        end=np.where(backwards[:, None], other, one),
    )


def _crossing(surface: Surface, near: Ints, far: Ints, height: Floats) -> Floats:
    here, there = surface.points[near], surface.points[far]
    share = (height - here[:, 2]) / (there[:, 2] - here[:, 2])
    point: Floats = here[:, :2] + share[:, None] * (there[:, :2] - here[:, :2])
    return point


def _edge(one: Ints, other: Ints, points: int) -> Ints:
    edge: Ints = np.minimum(one, other) * points + np.maximum(one, other)
    return edge


def _traced(segments: _Segments, planes: int) -> tuple[Floats, ...]:
    if not len(segments.plane):
        return tuple(np.zeros(planes) for _ in range(6))
    nodes = int(max(segments.tail.max(), segments.head.max())) + 1
    links = sparse.coo_matrix(
        (np.ones(len(segments.plane), dtype=np.int8), (segments.tail, segments.head)), shape=(nodes, nodes)
    )
    count, loop_of_node = csgraph.connected_components(links, directed=False)
    loop = loop_of_node[segments.tail]
    way = segments.end - segments.start
    length = np.hypot(way[:, 0], way[:, 1])
    doubled = segments.start[:, 0] * segments.end[:, 1] - segments.start[:, 1] * segments.end[:, 0]
    lengths = np.bincount(loop, length, minlength=count)
    areas = np.bincount(loop, doubled, minlength=count) / 2
    plane = np.zeros(count, dtype=np.int64)
    plane[loop] = segments.plane
    # Walls take from an island and widen a hole; what is narrower than both walls is gone.
    round_ = np.pi * WALLS_MM**2
    islands = np.where(areas > 0, np.clip(areas - WALLS_MM * lengths + round_, 0, None), 0)
    holes = np.where(areas < 0, -areas + WALLS_MM * lengths + round_, 0)
    islands[lengths < 2 * np.pi * WALLS_MM] = 0

    def summed(values: Floats) -> Floats:
        return np.bincount(plane, values, minlength=planes).astype(np.float64)

    inner = np.clip(summed(islands) - summed(holes), 0, None)
    # Whose holes are whose is known of a single island alone.
    alone = summed((areas > 0).astype(np.float64)) == 1
    small = np.minimum(summed(np.where(islands < SMALL_MM2, islands, 0)), inner)
    return (
        np.clip(summed(areas), 0, None),
        inner,
        np.where(alone, np.where(inner < SMALL_MM2, inner, 0), small),
        summed(np.ones(count)),
        summed(np.where(lengths < SHORT_MM, lengths, 0)),
        _corners(segments, way, length, nodes, planes),
    )


def _corners(segments: _Segments, way: Floats, length: Floats, nodes: int, planes: int) -> Floats:
    """The head keeps the speed at which a turn does not jerk it, and brakes for the rest."""
    towards = way / np.where(length > 0, length, 1)[:, None]
    change = np.zeros((nodes, 2))
    for axis in range(2):
        change[:, axis] = np.bincount(segments.tail, towards[:, axis], minlength=nodes)
        change[:, axis] -= np.bincount(segments.head, towards[:, axis], minlength=nodes)
    jerk = np.hypot(change[:, 0], change[:, 1]) * WALL_MM_S
    lost = (1 - np.minimum(1, JERK_MM_S / np.where(jerk > 0, jerk, 1))) ** 2
    plane = np.zeros(nodes, dtype=np.int64)
    plane[segments.tail] = segments.plane
    return np.bincount(plane, lost, minlength=planes).astype(np.float64)
