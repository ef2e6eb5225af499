"""Make the parts the demo prints: a small shelf bracket with a diagonal brace and screw holes, and a spacer.

    python demo/models/make_bracket.py

The bracket lies on its side as it should be printed: 70 x 56 x 14 mm. The sheet is 5 mm thick; two
countersunk holes go through the wall plate and two plain ones through the shelf arm. The spacer is a ring
that goes behind it, 14 mm wide and 5 mm high. Lengths in mm.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.spatial import Delaunay

Array = npt.NDArray[np.float64]

LENGTH, HEIGHT, WIDTH, SHEET, BRACE = 70.0, 56.0, 14.0, 5.0, 5.5
HOLE, HEAD, HEAD_DEPTH = 2.2, 4.2, 2.2
RING, RING_HEIGHT = 7.0, 5.0
STEP, ARC_STEP, ROUND = 2.2, 0.7, 40
HEADER = b"Infill demo: shelf bracket"
FACET = np.dtype([("normal", "<f4", 3), ("points", "<f4", (3, 3)), ("attribute", "<u2")])


class Surface:
    """Facets gathered face by face; each face says where outside is, so every facet is wound outwards."""

    def __init__(self) -> None:
        self.facets: list[Array] = []

    def add(self, facets: Array, outward: Array) -> None:
        normals = np.cross(facets[:, 1] - facets[:, 0], facets[:, 2] - facets[:, 0])
        inward = np.einsum("ij,ij->i", normals, np.broadcast_to(outward, normals.shape)) < 0
        facets = facets.copy()
        facets[inward] = facets[inward][:, ::-1]
        self.facets.append(facets)

    def band(self, one: Array, other: Array, outward: Array) -> None:
        """Close the gap between two rings of as many points; `outward` has a row a point."""
        next_one, next_other = np.roll(one, -1, 0), np.roll(other, -1, 0)
        self.add(np.stack([one, next_one, other], 1), outward)
        self.add(np.stack([next_one, next_other, other], 1), outward)


def rounded(corners: list[tuple[float, float]], radii: list[float]) -> list[Array]:
    """The sides of a polygon with rounded corners: straight and arc in turn, each sampled, ends shared."""
    points = np.array(corners)
    ends = []
    for at, radius in enumerate(radii):
        here, before, after = points[at], points[at - 1], points[(at + 1) % len(points)]
        a, b = (before - here) / np.linalg.norm(before - here), (after - here) / np.linalg.norm(after - here)
        half = np.arccos(np.clip(a @ b, -1, 1)) / 2
        reach = radius / np.tan(half)
        centre = here + (a + b) / np.linalg.norm(a + b) * radius / np.sin(half)
        ends.append((here + a * reach, here + b * reach, centre))
    sides: list[Array] = []
    for at, (start, stop, centre) in enumerate(ends):
        sides.append(_arc(start, stop, centre))
        sides.append(_straight(stop, ends[(at + 1) % len(ends)][0]))
    return sides


def _arc(start: Array, stop: Array, centre: Array) -> Array:
    a, b = start - centre, stop - centre
    turn = np.arctan2(a[0] * b[1] - a[1] * b[0], a @ b)
    count = max(4, int(np.ceil(abs(turn) * np.linalg.norm(a) / ARC_STEP)))
    angles = np.arctan2(a[1], a[0]) + np.linspace(0, turn, count + 1)
    inner = centre + np.linalg.norm(a) * np.stack([np.cos(angles), np.sin(angles)], 1)[1:-1]
    return np.concatenate([[start], inner, [stop]])


def _straight(start: Array, stop: Array) -> Array:
    count = max(1, int(np.ceil(np.linalg.norm(stop - start) / STEP)))
    return start + np.linspace(0, 1, count + 1)[:, None] * (stop - start)


def ring(sides: list[Array]) -> Array:
    return np.concatenate([side[:-1] for side in sides])


def inside(points: Array, loop: Array) -> npt.NDArray[np.bool_]:
    """Even-odd rule."""
    x, y = points[:, 0, None], points[:, 1, None]
    x0, y0 = loop[:, 0], loop[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    odd: npt.NDArray[np.bool_] = crossed.sum(axis=1) % 2 == 1
    return odd


def triangulated(outer: Array, holes: list[Array]) -> Array:
    """Triangles (n, 3, 2) of a densely sampled outline with holes."""
    points = np.concatenate([outer, *holes])
    triangles: Array = points[Delaunay(points).simplices]
    centres = triangles.mean(axis=1)
    keep = inside(centres, outer)
    for hole in holes:
        keep &= ~inside(centres, hole)
    return triangles[keep]


def lifted(flat: Array, z: float) -> Array:
    return np.concatenate([flat, np.full((*flat.shape[:-1], 1), z)], axis=-1)


def wall(surface: Surface, side: Array, outward: Array, holes: list[tuple[float, float]]) -> None:
    """The strip of width WIDTH above one side of the profile, with holes (distance along it, radius)."""
    start, along = side[0], (side[-1] - side[0]) / max(1e-9, float(np.linalg.norm(side[-1] - side[0])))
    if not holes:
        low, high = lifted(side, 0), lifted(side, WIDTH)
        surface.add(np.stack([low[:-1], low[1:], high[:-1]], 1), outward)
        surface.add(np.stack([low[1:], high[1:], high[:-1]], 1), outward)
        return
    run = (side - start) @ along
    outline = np.concatenate(
        [np.stack([run, np.zeros_like(run)], 1), np.stack([run[::-1], np.full_like(run, WIDTH)], 1)]
    )
    circles = [np.stack([at, WIDTH / 2 + 0 * at], 1) + radius * circle() for at, radius in _columns(holes)]
    flat = triangulated(outline, circles)
    surface.add(np.concatenate([start + flat[..., :1] * along, flat[..., 1:]], -1), outward)


def _columns(holes: list[tuple[float, float]]) -> list[tuple[Array, float]]:
    return [(np.full(ROUND, at), radius) for at, radius in holes]


def circle() -> Array:
    angles = np.linspace(0, 2 * np.pi, ROUND, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], 1)


def bore(surface: Surface, centre: Array, axis: Array, rings: list[tuple[float, float]]) -> None:
    """The inside of a hole through `centre` along `axis`: rings of (depth along the axis, radius)."""
    across = np.array([-axis[1], axis[0], 0.0])
    spokes = circle()[:, :1] * across + circle()[:, 1:] * np.array([0, 0, 1.0])
    loops = [centre + axis * depth + spokes * radius for depth, radius in rings]
    for one, other in pairwise(loops):
        surface.band(one, other, -spokes)


def bracket() -> Array:
    """Facets (n, 3, 3) of the bracket, closed and wound outwards."""
    surface = Surface()
    outline = [(0, 0), (LENGTH, 0), (LENGTH, SHEET), (SHEET, HEIGHT), (0, HEIGHT)]
    outer = rounded(outline, [2.0, 2.0, 1.5, 1.5, 2.0])
    # The opening: inside the sheet on two sides and inside the brace on the third.
    run, rise = LENGTH - SHEET, HEIGHT - SHEET
    reach = BRACE * np.hypot(run, rise)
    opening = [(SHEET, SHEET), (LENGTH - reach / rise, SHEET), (SHEET, HEIGHT - reach / run)]
    inner = rounded(opening, [3.0, 2.0, 2.0])
    loops = ring(outer), ring(inner)
    face = triangulated(loops[0], [loops[1]])
    surface.add(lifted(face, 0), np.array([0, 0, -1.0]))
    surface.add(lifted(face, WIDTH), np.array([0, 0, 1.0]))
    _walls(surface, outer, inner)
    return np.concatenate(surface.facets)


def _walls(surface: Surface, outer: list[Array], inner: list[Array]) -> None:
    shelf, plate = (16.0, 38.0), (15.0, 33.0)
    bottom, back, arm, front = outer[1], outer[9], inner[1], inner[5]
    holed = {
        id(bottom): [(x - bottom[0][0], HOLE) for x in shelf],
        id(arm): [(x - arm[0][0], HOLE) for x in shelf],
        id(back): [(back[0][1] - y, HOLE) for y in plate],
        id(front): [(front[0][1] - y, HEAD) for y in plate],
    }
    for sides, sign in ((outer, 1.0), (inner, -1.0)):
        for side in sides:
            steps = np.diff(side, axis=0)
            normals = sign * np.stack([steps[:, 1], -steps[:, 0], 0 * steps[:, 0]], 1)
            holes = holed.get(id(side), [])
            wall(surface, side, normals[0] if holes else normals, holes)
    for x in shelf:
        bore(surface, np.array([x, 0, WIDTH / 2]), np.array([0, 1.0, 0]), [(0, HOLE), (SHEET, HOLE)])
    for y in plate:
        depths = [(0, HOLE), (SHEET - HEAD_DEPTH, HOLE), (SHEET, HEAD)]
        bore(surface, np.array([0, y, WIDTH / 2]), np.array([1.0, 0, 0]), depths)


def spacer() -> Array:
    """Facets (n, 3, 3) of the spacer, closed and wound outwards."""
    surface = Surface()
    spokes = lifted(circle(), 0)
    up = np.array([0, 0, RING_HEIGHT])
    outer, inner = spokes * RING, spokes * HOLE
    surface.band(outer, outer + up, spokes)
    surface.band(inner, inner + up, -spokes)
    surface.band(outer, inner, np.array([0, 0, -1.0]))
    surface.band(outer + up, inner + up, np.array([0, 0, 1.0]))
    return np.concatenate(surface.facets)


def to_stl(facets: Array) -> bytes:
    rows = np.zeros(len(facets), FACET)
    normals = np.cross(facets[:, 1] - facets[:, 0], facets[:, 2] - facets[:, 0])
    rows["normal"] = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    rows["points"] = facets
    return HEADER.ljust(80) + np.uint32(len(rows)).tobytes() + rows.tobytes()


if __name__ == "__main__":
    for name, facets in (("bracket.stl", bracket()), ("spacer.stl", spacer())):
        Path(__file__).with_name(name).write_bytes(to_stl(facets))
        print(f"{name}: {len(facets):,} facets")
