"""Kinds of parts that no constant was fitted to and that no feature was chosen for: written down after the
model was done. Lengths in mm, z up; triangles (n, 3, 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from manifold3d import CrossSection, Manifold, OpType

from benchmarks.estimate.shapes import Floats, Random, _facets


def lampshade(random: Random) -> Floats:
    """A tube whose wall is cut into diamonds."""
    radius, high, wall = random.uniform(15, 40), random.uniform(25, 70), random.uniform(1.6, 3)
    count, rows = int(random.integers(8, 18)), int(random.integers(3, 8))
    made = Manifold.cylinder(high, radius, radius * random.uniform(0.7, 1.2), 96)
    made -= made.scale((1 - wall / radius, 1 - wall / radius, 1.2)).translate((0, 0, -0.5))
    wide, tall = 2 * np.pi * radius / count * 0.62, high / (rows + 1) * 0.8
    hole = CrossSection.circle(0.5, 4).scale((wide, tall)).extrude(radius * 2)
    cuts = []
    for row in range(rows):
        for number in range(count):
            turned = hole.rotate((90, 0, 360 * (number + row % 2 / 2) / count))
            cuts.append(turned.translate((0, 0, high * (row + 1) / (rows + 1))))
    return _facets(made - Manifold.batch_boolean(cuts, OpType.Add))


def auger(random: Random) -> Floats:
    """A screw that carries grain: a shaft and a thin helix."""
    radius, high, thick = random.uniform(8, 22), random.uniform(25, 70), random.uniform(1.6, 3)
    blade = CrossSection.square((2 * radius, thick), True)
    helix = blade.extrude(high, 120, 360 * high / random.uniform(15, 40))
    return _facets(
        helix + Manifold.cylinder(high, radius * 0.3, -1, 48) + Manifold.cylinder(2, radius, -1, 64)
    )


def pawn(random: Random) -> Floats:
    """A chessman."""
    foot, high = random.uniform(7, 18), random.uniform(20, 60)
    ways = np.linspace(0, 1, 40)
    waist = foot * (0.45 + 0.5 * (1 - ways) ** random.uniform(2, 5) + 0.12 * np.sin(ways * 3 * np.pi) ** 2)
    points = [(0.0, 0.0), *((float(x), float(z)) for x, z in zip(waist, ways * high * 0.75, strict=True))]
    body = CrossSection([[*points, (0.0, high * 0.75)]]).revolve(int(random.choice([32, 64, 128])))
    head = Manifold.sphere(foot * random.uniform(0.5, 0.7), 64).translate((0, 0, high * 0.8))
    return _facets(body + head)


def truss(random: Random) -> Floats:
    """A tower of beams."""
    side, storeys, beam = random.uniform(14, 34), int(random.integers(2, 5)), random.uniform(1.5, 3.5)
    rise = side * random.uniform(0.8, 1.2)
    corners = [(side, 0), (0, side), (-side, 0), (0, -side)]
    made = []

    def bar(start: tuple[float, float, float], end: tuple[float, float, float]) -> None:
        ends = [Manifold.sphere(beam, 12).translate(place) for place in (start, end)]
        made.append(Manifold.batch_hull(ends))

    for storey in range(storeys):
        low, top = storey * rise, (storey + 1) * rise
        for number, (x, y) in enumerate(corners):
            far = corners[(number + 1) % 4]
            bar((x, y, low), (x, y, top))
            bar((x, y, low), (*far, top))
            bar((x, y, top), (*far, top))
    base = Manifold.cube((3 * side, 3 * side, 2), True)
    return _facets(Manifold.batch_boolean([*made, base], OpType.Add).trim_by_plane((0, 0, 1), -1))


def brush(random: Random) -> Floats:
    """Cones in rows on a handle."""
    rows, columns, pitch = int(random.integers(3, 8)), int(random.integers(4, 12)), random.uniform(4, 8)
    high, foot = random.uniform(6, 20), random.uniform(1.2, 1.9)
    made = [Manifold.cube((columns * pitch, rows * pitch, 3))]
    for row in range(rows):
        for column in range(columns):
            cone = Manifold.cylinder(high, foot, foot * 0.4, 16)
            made.append(cone.translate(((column + 0.5) * pitch, (row + 0.5) * pitch, 2.9)))
    return _facets(Manifold.batch_boolean(made, OpType.Add))


def bowl(random: Random) -> Floats:
    """A bowl with a waved wall."""
    radius, high, wall = random.uniform(22, 45), random.uniform(15, 40), random.uniform(1.4, 3)
    waves, deep, flare = int(random.integers(5, 14)), random.uniform(0.02, 0.08), random.uniform(1.2, 1.9)

    def round_of(far: float) -> CrossSection:
        turns = np.linspace(0, 2 * np.pi, 180, endpoint=False)
        out = far * (1 + deep * np.sin(waves * turns))
        return CrossSection(
            [list(zip((out * np.cos(turns)).tolist(), (out * np.sin(turns)).tolist(), strict=True))]
        )

    outer = round_of(radius / flare).extrude(high, 30, random.uniform(0, 40), (flare, flare))
    inner = round_of(radius / flare - wall).extrude(high, 30, 0, (flare, flare)).translate((0, 0, wall))
    return _facets(outer - inner)


def clip(random: Random) -> Floats:
    """A spring clip, lying or standing."""
    radius, thick, wide = random.uniform(5, 16), random.uniform(1.4, 3), random.uniform(6, 18)
    ring = CrossSection.circle(radius + thick, 64) - CrossSection.circle(radius, 64)
    ring -= CrossSection.square((radius * 3, radius * 1.3), True).translate((radius * 1.5, 0))
    made = ring.extrude(wide) + Manifold.cube((radius * 2, thick * 1.5, wide)).translate((-radius * 3, 0, 0))
    made += Manifold.cube((thick * 2, radius * 3, wide)).translate((-radius * 3, -radius * 1.5, 0))
    return _facets(made if random.random() < 0.5 else made.rotate((90, 0, 0)))


def rack(random: Random) -> Floats:
    """Shelves with round holes on posts."""
    wide, deep, holes = random.uniform(40, 80), random.uniform(20, 45), int(random.integers(3, 7))
    shelves, rise, thick = int(random.integers(2, 4)), random.uniform(12, 25), random.uniform(2, 4)
    hole = wide / holes * random.uniform(0.25, 0.4)
    made = []
    for shelf in range(shelves):
        plate = CrossSection.square((wide, deep))
        for number in range(holes if shelf else 0):
            plate -= CrossSection.circle(hole, 40).translate(((number + 0.5) * wide / holes, deep / 2))
        made.append(plate.extrude(thick).translate((0, 0, shelf * rise)))
    for x in (0, wide - 4):
        for y in (0, deep - 4):
            made.append(Manifold.cube((4, 4, rise * (shelves - 1) + thick)).translate((x, y, 0)))
    return _facets(Manifold.batch_boolean(made, OpType.Add))


def plaque(random: Random) -> Floats:
    """A sign with a rim and scales raised on it."""
    wide, deep, thick = random.uniform(40, 100), random.uniform(20, 50), random.uniform(1.6, 3)
    plate = CrossSection.square((wide, deep)).offset(3, circular_segments=32)
    made = plate.extrude(thick) + (plate - plate.offset(-2)).extrude(thick + 1.5)
    step = random.uniform(4, 8)
    for x in np.arange(step, wide - step, step):
        for y in np.arange(step, deep - step, step):
            made += Manifold.cylinder(random.uniform(0.4, 1.6), step * 0.4, -1, 6).translate(
                (x, y, thick - 0.05)
            )
    return _facets(made)


SHAPES: Final[dict[str, Callable[[Random], Floats]]] = {
    "lampshade": lampshade,
    "auger": auger,
    "pawn": pawn,
    "truss": truss,
    "brush": brush,
    "bowl": bowl,
    "clip": clip,
    "rack": rack,
    "plaque": plaque,
}
