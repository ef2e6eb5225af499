"""Where on a model something is, for a viewer to show it."""

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints
from marketplace.designs.mesh.findings import Place, Point
from marketplace.designs.mesh.surface import Surface


def of_facets(surface: Surface, facets: Ints) -> Place | None:
    """The box around these facets; None if there are none."""
    return of_points(surface, surface.points[surface.faces[facets].ravel()])


def of_pairs(surface: Surface, first: Ints, second: Ints) -> Place | None:
    """The box around what the boxes of each pair of facets have in common; None if there are none."""
    one, other = surface.points[surface.faces[first]], surface.points[surface.faces[second]]
    low = np.maximum(one.min(axis=1), other.min(axis=1))
    high = np.minimum(one.max(axis=1), other.max(axis=1))
    return of_points(surface, np.concatenate([low, high]))


def of_points(surface: Surface, points: Floats) -> Place | None:
    """The box around these points of the surface; None if there are none."""
    if not len(points):
        return None
    return Place(
        point_of(points.min(axis=0) + surface.at),
        point_of(points.max(axis=0) + surface.at),
    )


def point_of(place: Floats) -> Point:
    """Rounded to a tenth of a micrometre; never a negative zero."""
    x, y, z = (np.round(place, 4) + 0.0).tolist()
    return x, y, z
