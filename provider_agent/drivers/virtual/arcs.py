"""Arcs (G2, G3) as chains of short straight moves."""

from __future__ import annotations

import math

from protocol.errors import InfillError

SEGMENT_MM = 0.5
MOST_SEGMENTS = 2000
Point = tuple[float, float]


class ImpossibleArc(InfillError):
    """No circle passes through the points of this arc."""

    code = "impossible-arc"


def centre_from_radius(start: Point, end: Point, radius: float, clockwise: bool) -> Point:
    """The centre of an arc given by its radius; a negative radius takes the longer way round."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    chord = math.hypot(dx, dy)
    if chord == 0 or abs(radius) < chord / 2:
        raise ImpossibleArc(f"radius {radius:g} mm cannot span {chord:g} mm")
    height = math.sqrt(radius * radius - chord * chord / 4)
    side = -1 if clockwise == (radius > 0) else 1
    return (
        (start[0] + end[0]) / 2 - side * height * dy / chord,
        (start[1] + end[1]) / 2 + side * height * dx / chord,
    )


def points(start: Point, end: Point, centre: Point, clockwise: bool) -> list[Point]:
    """Points along the arc, the last one `end` itself; a full circle where start and end are the same."""
    radius = math.dist(start, centre)
    if radius == 0 or abs(radius - math.dist(end, centre)) > max(0.05, 0.002 * radius):
        raise ImpossibleArc("start and end are not at the same distance from the centre")
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    last = math.atan2(end[1] - centre[1], end[0] - centre[0])
    sweep = (first - last if clockwise else last - first) % math.tau or math.tau
    count = min(MOST_SEGMENTS, max(1, math.ceil(sweep * radius / SEGMENT_MM)))
    turn = (-sweep if clockwise else sweep) / count
    inner = [
        (centre[0] + radius * math.cos(first + turn * i), centre[1] + radius * math.sin(first + turn * i))
        for i in range(1, count)
    ]
    return [*inner, end]
