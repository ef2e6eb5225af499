"""Models that programs stumble over, made from scratch: of each, geometry says what is right."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tests.factories.models import Facets, box
from tests.factories.shapes import inside_out

Points = np.ndarray


def tube(path: Points, radius: float, sides: int = 16) -> Facets:
    """A closed tube of constant radius around a closed path (n, 3); its volume is close to Pappus's."""
    along = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    frames = [_across(along[0], np.array([0.0, 0.0, 1.0]))]
    for way in along[1:]:
        frames.append(_across(way, frames[-1]))
    up = np.array(frames)
    # Carried once around, the frame has turned: that is undone bit by bit.
    last = _across(along[0], up[-1])
    twist = np.arctan2(np.cross(up[0], last) @ along[0], up[0] @ last)
    angle = 2 * np.pi * np.arange(sides) / sides - twist * np.arange(len(path))[:, None] / len(path)
    side = np.cross(along, up)
    ring = up[:, None] * np.cos(angle)[..., None] + side[:, None] * np.sin(angle)[..., None]
    return _closed_grid(path[:, None] + radius * ring)


def torus(large: float = 20, small: float = 5, steps: int = 96, sides: int = 48) -> Facets:
    angle = 2 * np.pi * np.arange(steps) / steps
    return tube(large * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1), small, sides)


def trefoil(radius: float, steps: int = 240, sides: int = 12) -> Facets:
    """A trefoil knot: a thin one stays clear of itself, one of 7 mm runs through itself where strands pass."""
    angle = 2 * np.pi * np.arange(steps) / steps
    path = np.stack(
        [
            np.sin(angle) + 2 * np.sin(2 * angle),
            np.cos(angle) - 2 * np.cos(2 * angle),
            -np.sin(3 * angle),
        ],
        axis=1,
    )
    return tube(10 * path, radius, sides)


def cone(radius: float = 10, height: float = 30, steps: int = 64, on_tip: bool = False) -> Facets:
    """On its base, or balancing on its tip."""
    angle = 2 * np.pi * np.arange(steps + 1) / steps
    rim = np.stack([radius * np.cos(angle), radius * np.sin(angle), 0 * angle], axis=1)
    tip, middle = np.array([0, 0, height]), np.zeros(3)
    facets = []
    for here, there in pairwise(rim):
        facets += [[here, there, tip], [there, here, middle]]
    made = np.array(facets)
    return made * np.array([1, -1, -1]) + np.array([0, 0, height]) if on_tip else made


def plate_with_hole(diameter: float, side: float = 20, height: float = 4, sides: int = 24) -> Facets:
    """A square plate with a round hole through its middle; `sides` is a multiple of 4."""
    angle = 2 * np.pi * (np.arange(sides) + 0.5) / sides
    round_ = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    outer = side / 2 * round_ / np.abs(round_).max(axis=1, keepdims=True)
    # The square's corners, so that it is one.
    for corner in range(4):
        number = round(sides * (corner + 0.5) / 4 - 0.5)
        outer[number] = side / 2 * np.sign(outer[number])
    inner = diameter / 2 * round_
    loops = [np.column_stack([loop, np.full(sides, z)]) for z in (0, height) for loop in (outer, inner)]
    low_out, low_in, high_out, high_in = loops
    return np.concatenate(
        [
            _ring(low_out, high_out),
            _ring(high_out, high_in),
            _ring(high_in, low_in),
            _ring(low_in, low_out),
        ]
    )


def moebius(radius: float = 20, width: float = 10, steps: int = 90) -> Facets:
    """A band with one side: no facet is wrong, yet they cannot all agree."""
    angle = 2 * np.pi * np.arange(steps + 1) / steps
    edges = []
    for side in (-width / 2, width / 2):
        out = radius + side * np.cos(angle / 2)
        edges.append(np.stack([out * np.cos(angle), out * np.sin(angle), side * np.sin(angle / 2)], axis=1))
    low, high = edges
    low[-1], high[-1] = high[0], low[0]
    a, b, c, d = low[:-1], low[1:], high[1:], high[:-1]
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])


def needle_cube(needles: int = 400, side: float = 20) -> Facets:
    """A cube whose top is a fan of needles, 0.05 mm wide and 20 mm long."""
    facets = [each for each in box(side, side, side) if not (each[:, 2] == side).all()]
    kept = [each for each in facets if not ((each[:, 1] == side).all())]
    x = np.linspace(0, side, needles + 1)
    for left, right in pairwise(x):
        facet = [[0, 0, side], [right, side, side], [left, side, side]]
        kept += [np.array(facet, dtype=float)]
        kept += [np.array([[left, side, side], [right, side, side], [0, side, 0]], dtype=float)]
    kept += [np.array([[0, 0, side], [side, 0, side], [side, side, side]], dtype=float)]
    kept += [np.array([[0, side, 0], [side, side, side], [side, side, 0]], dtype=float)]
    return np.array(kept)


def slope(degrees: float, height: float = 20) -> Facets:
    """A prism of which one side leans outwards by so many degrees from upright: 20 mm deep."""
    reach = height * np.tan(np.radians(degrees))
    facets = box(20, 20, height)
    far = (facets[:, :, 0] == 20) & (facets[:, :, 2] == height)
    facets[far] += np.array([reach, 0, 0])
    return facets


def bracket_c(opening: float = 10) -> Facets:
    """A C standing on its back's end: 20 x 10 mm, arms 5 mm thick, `opening` between them."""
    outline = [(0, 0), (20, 0), (20, 5), (5, 5), (5, 5 + opening), (20, 5 + opening)]
    outline += [(20, 10 + opening), (0, 10 + opening)]
    triangles = [(0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 7), (4, 5, 6), (4, 6, 7)]
    flat = np.array(outline, dtype=float)
    front = np.column_stack([flat[:, 0], np.zeros(8), flat[:, 1]])
    back = front + np.array([0, 10, 0])
    caps = [front[list(each)] for each in triangles] + [back[list(each[::-1])] for each in triangles]
    return np.concatenate([np.array(caps), _ring(front, back)[:, ::-1]])


def with_fin(facets: Facets) -> Facets:
    """A single facet more, standing on an edge that two others share already."""
    first, second, _ = facets[0]
    return np.concatenate([facets, [[first, second, (first + second) / 2 - np.array([5.0, 6.0, 7.0])]]])


def mirrored(facets: Facets) -> Facets:
    """As programs do that mirror points and forget to turn the facets."""
    return facets * np.array([-1.0, 1.0, 1.0])


def nested(sizes: tuple[float, ...] = (30, 20, 10)) -> Facets:
    """Cubes in one another, every other one a hollow."""
    made = [box(size, size, size, at=(-size / 2,) * 3) for size in sizes]
    return np.concatenate([each if number % 2 == 0 else inside_out(each) for number, each in enumerate(made)])


def _across(way: Points, near: Points) -> Points:
    across = near - way * (way @ near)
    return across / np.linalg.norm(across)


def _closed_grid(points: Points) -> Facets:
    """Of points (n, m, 3) that run round in both directions."""
    here, there = points, np.roll(points, -1, axis=0)
    after, beyond = np.roll(here, -1, axis=1), np.roll(there, -1, axis=1)
    halves = [np.stack([here, after, beyond], axis=2), np.stack([here, beyond, there], axis=2)]
    return np.stack(halves).reshape(-1, 3, 3)


def _ring(one: Points, other: Points) -> Facets:
    """Between two loops of as many points."""
    a, b = one, np.roll(one, -1, axis=0)
    c, d = np.roll(other, -1, axis=0), other
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
