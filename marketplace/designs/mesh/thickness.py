"""How thick the walls are and how narrow the gaps between them, by rays from points on the surface."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats, dots
from marketplace.designs.mesh.rays import chosen, hits, nearest
from marketplace.designs.mesh.samples import by_area, by_facet
from marketplace.designs.mesh.surface import Surface
from marketplace.designs.mesh.tree import Tree

RAYS: Final = 4096
"""By area, and as many again by facet."""
# The two sides of a wall face apart within this angle; beyond it they are an edge, which thins out anyway.
FACING: Final = math.cos(math.radians(15))


@dataclass(frozen=True)
class Distances:
    """Distances in mm from points (n, 3) on the surface to the other side; infinite where there is none.

    `points` lie halfway to it.
    """

    lengths: Floats
    points: Floats

    @property
    def smallest(self) -> float | None:
        """The smallest distance in mm, None if no ray found another side."""
        least = float(self.lengths.min(initial=math.inf))
        return least if math.isfinite(least) else None

    def below(self, limit: float) -> Floats:
        """The points of distances under `limit` mm."""
        points: Floats = self.points[self.lengths < limit]
        return points


def walls(surface: Surface, tree: Tree, rays: int = RAYS) -> Distances:
    """Through the material: from the surface inwards to where it is left again."""
    return _across(surface, tree, -1.0, rays)


def gaps(surface: Surface, tree: Tree, rays: int = RAYS) -> Distances:
    """Through the air: from the surface outwards to where material begins again."""
    return _across(surface, tree, 1.0, rays)


def _across(surface: Surface, tree: Tree, side: float, rays: int) -> Distances:
    spread, detailed = by_area(surface, np.arange(len(surface.faces)), rays), by_facet(surface, rays)
    facets = np.concatenate([spread.facets, detailed.facets])
    points = np.concatenate([spread.points, detailed.points])
    ways = side * surface.normals[facets]
    found = hits(surface, tree, points, ways, beyond=10 * surface.tolerance)
    # A ray inwards leaves the material, one outwards enters it; copies of the own facet do neither.
    found = chosen(found, found.way == -side)
    lengths, opposite = nearest(found, len(points))
    facing = dots(surface.normals[np.maximum(opposite, 0)], ways) * -side > FACING
    lengths = np.where((opposite >= 0) & facing, lengths, np.inf)
    halfway = points + ways * np.where(np.isfinite(lengths), lengths / 2, 0)[:, None]
    return Distances(lengths, halfway)
