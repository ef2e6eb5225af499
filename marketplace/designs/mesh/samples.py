"""Points spread over a surface, the same ones every time and wherever the model stands."""

from dataclasses import dataclass

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints
from marketplace.designs.mesh.surface import Surface

# The plastic number's powers spread points in a plane evenly.
STEP_U, STEP_V = 0.7548776662466927, 0.5698402909980532


@dataclass(frozen=True)
class Samples:
    """Points (n, 3) on facets; each stands for `area` mm2 of the surface, if they are spread by area."""

    points: Floats
    facets: Ints
    area: float


def by_area(surface: Surface, facets: Ints, count: int) -> Samples:
    """`count` points, evenly by area over these facets; none if they have none."""
    grown = np.cumsum(surface.areas[facets])
    if not len(grown) or grown[-1] <= 0:
        return Samples(np.empty((0, 3)), np.empty(0, dtype=np.int64), 0.0)
    wanted = (np.arange(count) + 0.5) * (grown[-1] / count)
    which = np.minimum(np.searchsorted(grown, wanted, side="right"), len(grown) - 1)
    return Samples(_inside(surface, facets[which]), facets[which], float(grown[-1]) / count)


def by_facet(surface: Surface, count: int) -> Samples:
    """Up to `count` points on evenly chosen facets: fine detail has many facets on little area."""
    solid = np.flatnonzero(surface.areas > 0)
    facets = solid[:: max(1, -(-len(solid) // count))]
    return Samples(_inside(surface, facets), facets, 0.0)


def _inside(surface: Surface, facets: Ints) -> Floats:
    number = np.arange(1, len(facets) + 1)
    u, v = number * STEP_U % 1, number * STEP_V % 1
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    # Away from the edges, where a ray may slip between two facets.
    u, v = 0.98 * u + 0.02 / 3, 0.98 * v + 0.02 / 3
    points: Floats = (
        surface.corner(0, facets) * (1 - u - v)[:, None]
        + surface.corner(1, facets) * u[:, None]
        + surface.corner(2, facets) * v[:, None]
    )
    return points
