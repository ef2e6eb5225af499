"""Shapes of random size and detail. Lengths in mm, z up; triangles (n, 3, 3)."""

from __future__ import annotations

from typing import Final

import manifold3d
import numpy as np
import numpy.typing as npt
from manifold3d import CrossSection, Manifold

Floats = npt.NDArray[np.float64]
Random = np.random.Generator

# Facets around a circle: from a coarse export to one beyond what a printer can show.
ROUND: Final = (12, 24, 48, 96, 200)


def box(random: Random) -> Floats:
    """Twelve facets, whatever the size."""
    return _facets(Manifold.cube(_sides(random, 5, 90)))


def plate(random: Random) -> Floats:
    """Flat and wide, some with holes."""
    wide, deep, high = *_sides(random, 30, 180)[:2], random.uniform(1.2, 5)
    made = Manifold.cube((wide, deep, high))
    for _ in range(random.integers(0, 6)):
        hole = Manifold.cylinder(high * 3, random.uniform(1.5, 5), -1, _round(random), True)
        made -= hole.translate((random.uniform(6, wide - 6), random.uniform(6, deep - 6), 0))
    return _facets(made)


def cylinder(random: Random) -> Floats:
    """Upright or lying; coarse or smooth."""
    made = Manifold.cylinder(_size(random, 6, 120), _size(random, 3, 40), -1, _round(random))
    return _facets(made.rotate((90, 0, 0)) if random.random() < 0.25 else made)


def tube(random: Random) -> Floats:
    """A wall of one to eight millimetres."""
    outer, high, steps = _size(random, 6, 50), _size(random, 5, 120), _round(random)
    inner = outer - min(outer * 0.8, _size(random, 1, 8))
    return _facets(Manifold.cylinder(high, outer, -1, steps) - Manifold.cylinder(high, inner, -1, steps))


def ball(random: Random) -> Floats:
    """Whole, or cut flat at the bottom so that it stands."""
    radius = _size(random, 4, 45)
    made = Manifold.sphere(radius, _round(random))
    cut = random.choice([0, 0.3, 0.7])
    if cut:
        made = made.trim_by_plane((0, 0, 1), -radius * (1 - cut))
    return _facets(made)


def bracket(random: Random) -> Floats:
    """An angle with screw holes and, at times, a rib."""
    width, arm, high = _size(random, 15, 60), _size(random, 20, 90), _size(random, 20, 90)
    thick = random.uniform(2.4, 8)
    made = Manifold.cube((width, arm, thick)) + Manifold.cube((width, thick, high))
    screw = Manifold.cylinder(thick * 3, min(2.6, width / 6), -1, 32, True)
    for share in (0.35, 0.75):
        made -= screw.translate((width / 2, arm * share, thick / 2))
        made -= screw.rotate((90, 0, 0)).translate((width / 2, thick / 2, high * share))
    if random.random() < 0.5:
        rib = CrossSection([[(0, 0), (arm * 0.8, 0), (0, high * 0.8)]]).extrude(thick)
        made += rib.rotate((90, 0, 90)).translate((width / 2 - thick / 2, 0, 0))
    return _facets(made)


def gear(random: Random) -> Floats:
    """Teeth around a bore."""
    teeth, radius = int(random.integers(10, 45)), _size(random, 8, 45)
    turn = np.linspace(0, 2 * np.pi, teeth * 8, endpoint=False)
    reach = radius * (1 + 0.12 * np.clip(2 * np.sin(turn * teeth), -1, 1))
    outline = CrossSection([np.stack([reach * np.cos(turn), reach * np.sin(turn)], axis=1)])
    bore = CrossSection.circle(radius * random.uniform(0.15, 0.5), 64)
    return _facets((outline - bore).extrude(_size(random, 4, 25)))


def vase(random: Random) -> Floats:
    """A thin wavy wall on a floor."""
    radius, high, wall = _size(random, 15, 50), _size(random, 30, 130), random.uniform(0.9, 2.4)
    steps, levels = int(random.choice([40, 90, 180])), int(random.choice([20, 40, 80]))
    waves, swell, depth = random.integers(3, 9), random.uniform(0, 0.25), random.uniform(0, 0.06)

    def made(less: float, floor: float) -> Manifold:
        def warped(points: Floats) -> Floats:
            turn, share = np.arctan2(points[:, 1], points[:, 0]), points[:, 2] / high
            scale = 1 + swell * np.sin(3 * share) + depth * np.sin(waves * turn + 2 * share)
            return np.column_stack([points[:, :2] * scale[:, None], points[:, 2]])

        round_ = CrossSection.circle(radius - less, steps).extrude(high - floor, levels)
        return round_.translate((0, 0, floor)).warp_batch(warped)

    return _facets(made(0, 0) - made(wall, 1.6))


def case(random: Random) -> Floats:
    """A box without lid, at times with posts for screws."""
    wide, deep, high = _size(random, 30, 120), _size(random, 25, 90), _size(random, 10, 50)
    wall = random.uniform(1.2, 3)
    inside = (wide - 2 * wall, deep - 2 * wall, high)
    made = Manifold.cube((wide, deep, high)) - Manifold.cube(inside).translate((wall, wall, wall))
    if random.random() < 0.6:
        post = Manifold.cylinder(high * 0.7, 3.2, -1, 32) - Manifold.cylinder(high * 0.7, 1.2, -1, 24)
        for x in (wall + 3, wide - wall - 3):
            for y in (wall + 3, deep - wall - 3):
                made += post.translate((x, y, 0.5))
    return _facets(made)


def lattice(random: Random) -> Floats:
    """Crossing bars with air between."""
    count, cell, bar = int(random.integers(2, 5)), random.uniform(8, 16), random.uniform(2, 4)
    long = count * cell + bar
    bars = []
    for i in range(count + 1):
        for j in range(count + 1):
            bars.append(Manifold.cube((long, bar, bar)).translate((0, i * cell, j * cell)))
            bars.append(Manifold.cube((bar, long, bar)).translate((i * cell, 0, j * cell)))
            bars.append(Manifold.cube((bar, bar, long)).translate((i * cell, j * cell, 0)))
    return _facets(Manifold.batch_boolean(bars, manifold3d.OpType.Add))


def letters(random: Random) -> Floats:
    """A plate with raised strokes in rows: a sign."""
    columns, rows = int(random.integers(3, 9)), int(random.integers(1, 4))
    size, stroke, raised = random.uniform(7, 14), random.uniform(1.2, 2.2), random.uniform(0.8, 3)
    thick = random.uniform(1.6, 4)
    made = Manifold.cube((columns * size + 4, rows * size * 1.4 + 4, thick))
    strokes = []
    for column in range(columns):
        for row in range(rows):
            at = (2 + column * size, 2 + row * size * 1.4, thick - 0.1)
            for _ in range(random.integers(2, 5)):
                upright = random.random() < 0.5
                sides = (stroke, size * 1.1, raised) if upright else (size * 0.75, stroke, raised)
                away = random.uniform(0, size * 0.6) if upright else random.uniform(0, size)
                shift = (away, 0, 0) if upright else (0, away, 0)
                strokes.append(Manifold.cube(sides).translate(tuple(np.add(at, shift))))
    return _facets(made + Manifold.batch_boolean(strokes, manifold3d.OpType.Add))


def blob(random: Random) -> Floats:
    """A ball pushed in and out by waves, cut flat to stand: what sculptors and scanners make."""
    radius, steps = _size(random, 8, 40), int(random.choice([40, 80, 160, 520]))
    waves = random.normal(0, 1, (10, 3)) * random.uniform(1, 3.5)
    shift, height = random.uniform(0, 6, 10), random.uniform(0.02, 0.06)
    stretch = random.uniform(0.7, 1.5, 3)

    def warped(points: Floats) -> Floats:
        ways = points / np.linalg.norm(points, axis=1, keepdims=True)
        far = 1 + height * np.sin(ways @ waves.T + shift).sum(axis=1)
        pushed: Floats = ways * (radius * far)[:, None] * stretch
        return pushed

    made = Manifold.sphere(radius, steps).warp_batch(warped)
    return _facets(made.trim_by_plane((0, 0, 1), -radius * stretch[2] * random.uniform(0.4, 0.8)))


def tower(random: Random) -> Floats:
    """Tall, thin, in steps: layers that are over before the plastic is hard."""
    wide, high = random.uniform(5, 18), _size(random, 30, 150)
    made = Manifold.cube((wide, wide, high * 0.5))
    top = random.uniform(0.4, 0.9) * wide
    made += Manifold.cube((top, top, high)).translate(((wide - top) / 2, (wide - top) / 2, 0))
    if random.random() < 0.5:
        made = Manifold.cylinder(high, wide / 2, wide * random.uniform(0.15, 0.5), 48)
    return _facets(made)


def drilled(random: Random) -> Floats:
    """A block with holes from above and from the side."""
    sides = _sides(random, 20, 70)
    made = Manifold.cube(sides)
    for _ in range(random.integers(2, 9)):
        radius = random.uniform(1.5, min(sides) / 5)
        drill = Manifold.cylinder(300, radius, -1, _round(random), True)
        at = [random.uniform(0.15, 0.85) * side for side in sides]
        made -= (drill.rotate((90, 0, 0)) if random.random() < 0.3 else drill).translate(at)
    return _facets(made)


def hollow(random: Random) -> Floats:
    """A closed shell around a void."""
    radius, wall = _size(random, 10, 35), random.uniform(1.2, 5)
    if random.random() < 0.5:
        steps = _round(random)
        made = Manifold.sphere(radius, steps) - Manifold.sphere(radius - wall, steps)
        return _facets(made.trim_by_plane((0, 0, 1), -radius * 0.8))
    sides = np.array(_sides(random, 20, 60))
    inner = Manifold.cube(tuple(sides - 2 * wall)).translate((wall, wall, wall))
    return _facets(Manifold.cube(tuple(sides)) - inner)


def several(random: Random) -> Floats:
    """Many bodies on one plate."""
    pitch, count = random.uniform(10, 30), int(random.integers(3, 14))
    bodies = []
    for number in range(count):
        size = pitch * random.uniform(0.4, 0.85)
        kinds = (
            Manifold.cube((size, size, size * random.uniform(0.3, 1.5))),
            Manifold.cylinder(size * random.uniform(0.3, 1.5), size / 2, -1, 40).translate(
                (size / 2, size / 2, 0)
            ),
        )
        at = (pitch * (number % 4), pitch * (number // 4), 0)
        bodies.append(kinds[int(random.integers(2))].translate(at))
    return _facets(Manifold.compose(bodies))


def wedge(random: Random) -> Floats:
    """Slopes: a prism, a pyramid, or a cone."""
    wide, deep, high = _sides(random, 12, 80)
    if random.random() < 0.5:
        return _facets(
            Manifold.cylinder(
                high, wide / 2, wide * random.uniform(0.05, 0.35), int(random.choice([4, 6, 64]))
            )
        )
    outline = CrossSection([[(0, 0), (wide, 0), (wide * random.uniform(0, 1), high)]])
    return _facets(outline.extrude(deep).rotate((90, 0, 0)))


def _facets(made: Manifold) -> Floats:
    mesh = made.to_mesh64()
    triangles: Floats = np.asarray(mesh.vert_properties)[:, :3][np.asarray(mesh.tri_verts)]
    return triangles


def _size(random: Random, least: float, most: float) -> float:
    """As often between 5 and 10 as between 50 and 100."""
    return float(np.exp(random.uniform(np.log(least), np.log(most))))


def _sides(random: Random, least: float, most: float) -> tuple[float, float, float]:
    return _size(random, least, most), _size(random, least, most), _size(random, least, most)


def _round(random: Random) -> int:
    return int(random.choice(ROUND))
