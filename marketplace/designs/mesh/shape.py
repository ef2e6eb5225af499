"""What is drawn: points and facets that share them, of no more facets than can be seen."""

from dataclasses import dataclass

import fast_simplification
import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints
from marketplace.designs.mesh.surface import Surface, surface_of


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
