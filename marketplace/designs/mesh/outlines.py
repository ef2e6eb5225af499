"""Closed outlines of cross-sections: how long, around what, within which other, and what corners cost."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from marketplace.designs.mesh.arrays import Floats, Ints
from marketplace.designs.mesh.cuts import Segments

JERK_MM_S: Final = 8.0
ACCELERATION: Final = 1000.0
MOST_PAIRS: Final = 4_000_000


@dataclass(frozen=True)
class Loops:
    """For each loop: its plane, signed area in mm2 (holes below zero) and length in mm, and the box around it
    (n, 4): lowest x and y, highest x and y. `loop` is that of each segment."""

    plane: Ints
    area: Floats
    length: Floats
    box: Floats
    loop: Ints
    segments: Segments

    def __len__(self) -> int:
        return len(self.plane)


def loops_of(segments: Segments) -> Loops:
    """There must be a segment."""
    nodes = int(max(segments.tail.max(), segments.head.max())) + 1
    links = sparse.coo_matrix(
        (np.ones(len(segments.plane), dtype=np.int8), (segments.tail, segments.head)), shape=(nodes, nodes)
    )
    count, loop_of_node = csgraph.connected_components(links, directed=False)
    loop = loop_of_node[segments.tail].astype(np.int64)
    plane = np.zeros(count, dtype=np.int64)
    plane[loop] = segments.plane
    doubled = segments.start[:, 0] * segments.end[:, 1] - segments.start[:, 1] * segments.end[:, 0]
    return Loops(
        plane=plane,
        area=np.bincount(loop, doubled, minlength=count) / 2,
        length=np.bincount(loop, _length(segments), minlength=count).astype(np.float64),
        box=_boxes(segments, loop),
        loop=loop,
        segments=segments,
    )


def islands_of(loops: Loops) -> Ints:
    """For each loop the one that is the outline of its island: itself, unless it is a hole."""
    outline = np.arange(len(loops))
    hole = loops.area < 0
    starts = np.searchsorted(loops.plane, np.arange(loops.plane.max() + 2), sorter=np.argsort(loops.plane))
    order = np.argsort(loops.plane, kind="stable")
    for begin, end in pairwise(starts):
        here = order[begin:end]
        holes, islands = here[hole[here]], here[~hole[here]]
        if not len(holes) or not len(islands):
            continue
        outline[holes] = islands[loops.area[islands].argmax()]
        if len(islands) > 1 and len(holes) * len(islands) <= MOST_PAIRS:
            outline[holes] = _around(loops, holes, islands, outline[holes])
    return outline


def braking(loops: Loops, speed: float) -> Floats:
    """Seconds that each loop takes longer than its length at this speed in mm/s, as the head keeps the speed
    at which a turn does not jerk it, brakes for the rest, and speeds up again."""
    segments, length = loops.segments, _length(loops.segments)
    corner = np.minimum(_corner_mm_s(segments, length), speed)
    far = 2 * ACCELERATION * length
    # What is too short to brake on makes its neighbours brake.
    for _ in range(2):
        corner[segments.head] = np.minimum(corner[segments.head], np.sqrt(corner[segments.tail] ** 2 + far))
        corner[segments.tail] = np.minimum(corner[segments.tail], np.sqrt(corner[segments.head] ** 2 + far))
    enters, leaves = corner[segments.tail], corner[segments.head]
    peak = np.minimum(np.sqrt((far + enters**2 + leaves**2) / 2), speed)
    peak = np.maximum(peak, np.maximum(enters, leaves))
    ramps = (2 * peak**2 - enters**2 - leaves**2) / (2 * ACCELERATION)
    seconds = (2 * peak - enters - leaves) / ACCELERATION + np.maximum(length - ramps, 0) / peak
    lost = np.maximum(seconds - length / speed, 0)
    return np.bincount(loops.loop, lost, minlength=len(loops)).astype(np.float64)


def _around(loops: Loops, holes: Ints, islands: Ints, otherwise: Ints) -> Ints:
    """The smallest island whose box is around each hole's."""
    inner, outer = loops.box[holes][:, None], loops.box[islands][None]
    within = (outer[..., :2] <= inner[..., :2]).all(axis=2) & (outer[..., 2:] >= inner[..., 2:]).all(axis=2)
    size = np.where(within, loops.area[islands], np.inf)
    found: Ints = np.where(np.isfinite(size.min(axis=1)), islands[size.argmin(axis=1)], otherwise)
    return found


def _length(segments: Segments) -> Floats:
    way = segments.end - segments.start
    length: Floats = np.hypot(way[:, 0], way[:, 1])
    return length


def _boxes(segments: Segments, loop: Ints) -> Floats:
    order = np.argsort(loop, kind="stable")
    starts = np.flatnonzero(np.diff(loop[order], prepend=-1))
    corners = segments.start[order]
    low, high = np.minimum.reduceat(corners, starts), np.maximum.reduceat(corners, starts)
    return np.concatenate([low, high], axis=1)


def _corner_mm_s(segments: Segments, length: Floats) -> Floats:
    """How fast the head may take each node."""
    towards = (segments.end - segments.start) / np.where(length > 0, length, 1)[:, None]
    nodes = int(max(segments.tail.max(), segments.head.max())) + 1
    turn = np.zeros(nodes)
    for axis in range(2):
        change = np.bincount(segments.tail, towards[:, axis], minlength=nodes)
        change -= np.bincount(segments.head, towards[:, axis], minlength=nodes)
        turn = np.maximum(turn, np.abs(change))
    speed: Floats = JERK_MM_S / np.where(turn > 0, turn, 1e-6)
    return speed
