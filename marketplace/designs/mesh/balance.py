"""Whether a model stands: where its centre of mass is over what it stands on."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from marketplace.designs.mesh.arrays import Floats, crosses, dots
from marketplace.designs.mesh.support import BED_CONTACT_MM
from marketplace.designs.mesh.surface import Surface


@dataclass(frozen=True)
class Balance:
    """`centre` of mass of the solid, in mm as the surface's points, and how it stands over its base.

    `margin` is how far inside the base's outline it is, in mm; below zero, it is outside, and the model falls
    over. `tilt` is the angle in degrees by which the model may lean before it does.
    """

    centre: Floats
    margin: float
    tilt: float


def balance_of(surface: Surface) -> Balance:
    """As the model stands, z up. Meaningless for surfaces that are not closed."""
    centre = _centre(surface)
    margin = _margin(surface, centre)
    height = max(float(centre[2] - surface.points[:, 2].min()), 1e-9)
    return Balance(centre, margin, math.degrees(math.atan2(margin, height)))


def _centre(surface: Surface) -> Floats:
    """Each facet spans a tetrahedron with the origin; its centre lies a quarter from the facet's corners."""
    first, second, third = (surface.corner(number) for number in range(3))
    volumes = dots(first, crosses(second, third)) / 6
    total = float(volumes.sum())
    if abs(total) < 1e-300:
        return np.zeros(3)
    centre: Floats = volumes @ (first + second + third) / 4 / total
    low, high = surface.points.min(axis=0), surface.points.max(axis=0)
    return np.clip(centre, low, high)


def _margin(surface: Surface, centre: Floats) -> float:
    reach = surface.points[:, 2].min() + BED_CONTACT_MM
    base = surface.points[surface.points[:, 2] < reach][:, :2]
    try:
        # Each line of the outline as (a, b, c), with a x + b y + c below zero inside.
        sides = ConvexHull(base).equations
    except (QhullError, ValueError):
        # It stands on a point or on an edge.
        return -float(np.linalg.norm(base - centre[:2], axis=1).min())
    return -float((sides[:, :2] @ centre[:2] + sides[:, 2]).max())
