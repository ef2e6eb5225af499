"""The outlines and holes of a model's cross-sections: how many, how long, how cornered, how wide what is
between them."""

from dataclasses import dataclass, fields

import numpy as np

from marketplace.designs.mesh.arrays import Floats, least, most
from marketplace.designs.mesh.cuts import Segments, segments_of
from marketplace.designs.mesh.outlines import Loops, braking, islands_of, loops_of
from marketplace.designs.mesh.surface import Surface

MOST_SEGMENTS = 400_000
LINE_MM = 0.45
WALLS_MM = 2 * LINE_MM
"""Two walls."""
SMALL_MM2 = 66.0
"""What slicers fill altogether, whatever the infill: 70 mm2 with what overlaps the walls."""
SHORT_MM = 40.8
"""Slicers print loops below a radius of 6.5 mm slower."""
SHORT_MM_S, OUTER_MM_S, SECOND_MM_S = 25.0, 36.0, 60.0
OUTER_TURN_MM, SECOND_TURN_MM, INNER_TURN_MM = 1.6, 4.8, 6.4
"""How much shorter than an island's outline its walls are, and what they leave: a turn once around, between a
circle's and a square's."""


@dataclass(frozen=True)
class Contours:
    """For each plane: area in mm2 and outlines in mm; what two walls leave of the area, how long its outline
    is, and what of it is in small islands; loops; the outer and the second walls in mm, how much of each is
    in short loops, and the seconds that braking at corners costs each."""

    area: Floats
    outline: Floats
    inner: Floats
    edge: Floats
    small: Floats
    loops: Floats
    outer: Floats
    second: Floats
    outer_short: Floats
    second_short: Floats
    outer_brake: Floats
    second_brake: Floats


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
    traced = _traced(segments_of(surface, cut, first, last - first), len(cut))
    nearest = np.clip(np.arange(len(planes)) // step, 0, len(cut) - 1)
    return Contours(*(values[nearest] for values in traced))


def _traced(segments: Segments, planes: int) -> tuple[Floats, ...]:
    if not len(segments.plane):
        return tuple(np.zeros(planes) for _ in fields(Contours))
    loops = loops_of(segments)
    *areas, width = _areas(loops)
    found = (*areas, *_walls(loops, width))
    plane = loops.plane
    return tuple(np.bincount(plane, each, minlength=planes).astype(np.float64) for each in found)


def _areas(loops: Loops) -> tuple[Floats, ...]:
    """Of each loop, the first five of `Contours`; what an island has inside counts where its outline is. And
    how wide the island of each loop is."""
    island = islands_of(loops)
    count = len(loops)
    area = np.bincount(island, loops.area, minlength=count).astype(np.float64)
    length = np.bincount(island, loops.length, minlength=count).astype(np.float64)
    # Walls take from an island and widen its holes.
    around = 2 - np.bincount(island, minlength=count)
    inner = np.clip(area - WALLS_MM * length + around * np.pi * WALLS_MM**2, 0, None)
    inner[(island != np.arange(count)) | (area <= 0) | (length < 2 * np.pi * WALLS_MM)] = 0
    edge = np.where(inner > 0, np.maximum(length - around * INNER_TURN_MM, np.sqrt(4 * np.pi * inner)), 0)
    small = np.where(inner < SMALL_MM2, inner, 0)
    return loops.area, loops.length, inner, edge, small, _width(area, length)[island]


def _width(area: Floats, length: Floats) -> Floats:
    """The short side in mm of rectangles of these areas and outlines; of what is rounder, of the square."""
    half = length / 2
    width: Floats = (half - np.sqrt(np.maximum(half**2 - 4 * np.maximum(area, 0), 0))) / 2
    return width


def _walls(loops: Loops, width: Floats) -> tuple[Floats, ...]:
    """Of each loop, the rest of `Contours`."""
    sign = np.sign(loops.area)
    lines = np.clip(np.floor(width / LINE_MM + 0.5), 1, 4)
    outer = np.maximum(loops.length - sign * OUTER_TURN_MM, loops.length / 3)
    # One line in the middle serves two sides.
    outer = np.where(lines > 1, outer, loops.length / 2)
    share = np.clip((lines - 2) / 2, 0, 1)
    second = share * np.maximum(loops.length - sign * SECOND_TURN_MM, 0)
    outer_short, second_short = outer < SHORT_MM, second < share * SHORT_MM
    slow = braking(loops, SHORT_MM_S)
    return (
        np.ones(len(loops)),
        outer,
        second,
        np.where(outer_short, outer, 0),
        np.where(second_short, second, 0),
        np.where(outer_short, slow, braking(loops, OUTER_MM_S)),
        share * np.where(second_short, slow, braking(loops, SECOND_MM_S)),
    )
