"""A model as points and facets that share them, from triangles that do not."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints, crosses, dots

# Corners in the same cell of 1/2**20 of the model's length are one point: 0.1 um on 100 mm.
CELLS: Final = 2**20
# Where cells begin: not at the middle, a quarter or a tenth of a model, where many have points that differ in
# their last digit.
OFFSET: Final = 0.377
FLOAT32_STEP: Final = 2.0**-23


@dataclass(frozen=True)
class Surface:
    """Facets of a model, `at` its own coordinates: points (v, 3) are measured from there, in mm.

    `normals` are of unit length and point outwards if the model as a whole is not inside out; facets without
    area have a normal of zeros. `tolerance` is the length in mm below which coordinates tell nothing.
    """

    points: Floats
    faces: Ints
    normals: Floats
    areas: Floats
    at: Floats
    tolerance: float
    volume: float
    """Signed, in mm3: negative for a model that is inside out."""

    def corner(self, number: int, facets: Ints | slice = slice(None)) -> Floats:
        """One of the three corners of each facet (m, 3)."""
        corner: Floats = self.points[self.faces[facets, number]]
        return corner

    def centres(self, facets: Ints | slice = slice(None)) -> Floats:
        return (self.corner(0, facets) + self.corner(1, facets) + self.corner(2, facets)) / 3


def surface_of(triangles: Floats) -> tuple[Surface, int]:
    """Weld triangles (n, 3, 3) in mm, all finite, around the middle of their box; and how many vanished.

    Whatever their order was, facets are ordered by their points, and points by their place: neighbours lie
    near one another in memory, and samples are the same ones.
    """
    flat = triangles.reshape(-1, 3)
    low, high = flat.min(axis=0), flat.max(axis=0)
    middle = (low + high) / 2
    first, inverse = _welded(flat, low, float((high - low).max()))
    points = flat[first] - middle
    faces = inverse.reshape(-1, 3)
    whole = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    kept = faces if whole.all() else faces[whole]
    largest = float(max(np.abs(low).max(), np.abs(high).max()))
    tolerance = max(1e-6 * float(np.linalg.norm(high - low)), 4 * FLOAT32_STEP * largest)
    return with_faces(points, _ordered(kept, len(points)), middle, tolerance), len(faces) - len(kept)


def with_faces(points: Floats, faces: Ints, at: Floats, tolerance: float) -> Surface:
    """A surface of these facets, with what follows from them."""
    first = points[faces[:, 0]]
    crossed = crosses(points[faces[:, 1]] - first, points[faces[:, 2]] - first)
    length = np.sqrt(dots(crossed, crossed))
    volume = float(dots(first, crossed).sum()) / 6
    outwards = 1.0 if volume >= 0 else -1.0
    crossed *= (outwards / np.where(length > 0, length, 1))[:, None]
    return Surface(points, faces, crossed, length / 2, at, tolerance, volume)


def _ordered(faces: Ints, points: int) -> Ints:
    """Facets in the order of their points, each turned so that it begins with its lowest one."""
    a, b, c = faces.T
    second, third = (b < a) & (b < c), (c < a) & (c < b)
    ordered = np.empty_like(faces)
    for number, (as_is, turned, twice) in enumerate(((a, b, c), (b, c, a), (c, a, b))):
        ordered[:, number] = np.where(second, turned, np.where(third, twice, as_is))
    rows: Ints = ordered[np.argsort(ordered[:, 0] * points + ordered[:, 1])]
    return rows


def _welded(corners: Floats, low: Floats, longest: float) -> tuple[Ints, Ints]:
    """One corner of each point, and the point of each corner."""
    scale = (CELLS - 2) / (longest or 1.0)
    keys = np.zeros(len(corners), dtype=np.int64)
    for axis in range(3):
        cells = ((corners[:, axis] - low[axis]) * scale + OFFSET).astype(np.int64)
        keys = keys * CELLS + cells
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.empty(len(keys), dtype=np.bool_)
    starts[0] = True
    np.not_equal(keys[1:], keys[:-1], out=starts[1:])
    inverse = np.empty(len(keys), dtype=np.int64)
    inverse[order] = np.cumsum(starts) - 1
    return order[starts], inverse
