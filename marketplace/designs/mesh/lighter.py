"""The same shape with fewer facets, or coarser, for looking at."""

import fast_simplification
import numpy as np

from marketplace.designs.mesh.arrays import Floats
from marketplace.designs.mesh.surface import surface_of

CELLS, FEWEST = 96, 8
"""Along the longest side, and along any."""


def lighter(triangles: Floats, facets: int) -> Floats:
    """Triangles (n, 3, 3) in mm with about `facets` facets at most; the very same where there are no more."""
    if len(triangles) <= facets:
        return triangles
    surface, _ = surface_of(triangles)
    points, faces = fast_simplification.simplify(
        surface.points.astype(np.float32), surface.faces.astype(np.int32), target_count=facets
    )
    found: Floats = points[faces].astype(np.float64) + surface.at
    return found if len(found) else triangles[: max(facets, 1)]


def coarser(triangles: Floats) -> Floats:
    """Triangles (n, 3, 3) in mm as who may only look gets them: every corner in the middle of a cell of a
    grid laid over the model's box, around the origin. So no corner is the original's, nor is where it lies;
    what falls together is left out."""
    low, high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
    extent = np.maximum(high - low, 1e-9)
    # Never so few that a rod or a plate is none any more.
    counts = np.ceil(extent / extent.max() * CELLS).clip(FEWEST, CELLS).astype(np.int64)
    cell = extent / counts
    cells = np.floor((triangles - low) / cell).astype(np.int64).clip(0, counts - 1)
    numbers = cells @ np.array([CELLS * CELLS, CELLS, 1])
    apart = (numbers != np.roll(numbers, 1, axis=1)).all(axis=1)
    _, first = np.unique(np.sort(numbers, axis=1), axis=0, return_index=True)
    kept = np.intersect1d(first, np.flatnonzero(apart))
    found: Floats = (cells[kept if len(kept) else [0]] + 0.5) * cell - extent / 2
    return found
