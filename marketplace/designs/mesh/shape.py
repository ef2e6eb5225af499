"""What is drawn: points and facets that share them, of no more facets than can be seen."""

from dataclasses import dataclass

import fast_simplification
import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints
from marketplace.designs.mesh.surface import Surface, surface_of

CELLS, FEWEST = 96, 8
"""Along the longest side, and along any."""


@dataclass(frozen=True)
class Shape:
    """Facets (n, 3) of points (v, 3) in mm, measured from `at` in the file's own coordinates."""

    points: Floats
    faces: Ints
    at: Floats


def shape_of(triangles: Floats) -> Shape:
    """Of triangles (n, 3, 3) in mm, facets without area left out."""
    return of_surface(surface_of(triangles)[0])


def of_surface(surface: Surface) -> Shape:
    return Shape(surface.points, surface.faces, surface.at)


def lighter(shape: Shape, facets: int) -> Shape:
    """The same shape with about `facets` facets at most; the very same where there are no more."""
    if len(shape.faces) <= facets:
        return shape
    points, faces = fast_simplification.simplify(
        shape.points.astype(np.float32), shape.faces.astype(np.int32), target_count=facets
    )
    if not len(faces):
        return Shape(shape.points, shape.faces[: max(facets, 1)], shape.at)
    return Shape(points.astype(np.float64), faces.astype(np.int64), shape.at)


def coarser(shape: Shape) -> Shape:
    """The shape as who may only look gets it: every corner in the middle of a cell of a grid laid over the
    model's box, around the origin. So no corner is the original's, nor is where it lies; what falls together
    is left out."""
    low, high = shape.points.min(axis=0), shape.points.max(axis=0)
    extent = np.maximum(high - low, 1e-9)
    # Never so few that a rod or a plate is none any more.
    counts = np.ceil(extent / extent.max() * CELLS).clip(FEWEST, CELLS).astype(np.int64)
    cell = extent / counts
    cells = np.floor((shape.points - low) / cell).astype(np.int64).clip(0, counts - 1)
    corners, cell_of = np.unique(cells, axis=0, return_inverse=True)
    faces = cell_of.reshape(-1)[shape.faces]
    apart = (faces != np.roll(faces, 1, axis=1)).all(axis=1)
    _, first = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)
    kept = np.intersect1d(first, np.flatnonzero(apart))
    return Shape((corners + 0.5) * cell - extent / 2, faces[kept if len(kept) else [0]], np.zeros(3))
