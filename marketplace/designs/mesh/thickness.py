"""How thick the walls are and how narrow the gaps between them, by rays from points on the surface."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats, dots
from marketplace.designs.mesh.rays import Hits, chosen, hits, nearest
from marketplace.designs.mesh.samples import by_area, by_facet
from marketplace.designs.mesh.surface import Surface
from marketplace.designs.mesh.tree import Tree

RAYS: Final = 4096
"""By area, and as many again by facet."""
# The two sides of a wall face apart within this angle; beyond it they are an edge, which thins out anyway.
FACING: Final = math.cos(math.radians(15))
NEAREST: Final = 1e-5
"""Of the model's length: what is nearer than this is the surface itself, or noise."""


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


def walls(surface: Surface, tree: Tree, rays: int = RAYS, closed: bool = False) -> Distances:
    """Through the material: from the surface inwards to where it is left again. Where bodies run through one
    another, only a surface known to be `closed` tells where that is; else it is where any of them ends."""
    return _across(surface, tree, -1.0, rays, closed)


def gaps(surface: Surface, tree: Tree, rays: int = RAYS, closed: bool = False) -> Distances:
    """Through the air: from the surface outwards to where material begins again."""
    return _across(surface, tree, 1.0, rays, closed)


def _across(surface: Surface, tree: Tree, side: float, rays: int, closed: bool) -> Distances:
    spread, detailed = by_area(surface, np.arange(len(surface.faces)), rays), by_facet(surface, rays)
    facets = np.concatenate([spread.facets, detailed.facets])
    points = np.concatenate([spread.points, detailed.points])
    ways = side * surface.normals[facets]
    length = float(np.linalg.norm(np.ptp(surface.points, axis=0)))
    found = hits(surface, tree, points, ways, beyond=max(NEAREST * length, surface.tolerance))
    # A ray inwards leaves the material, one outwards enters it; copies of the own facet do neither.
    ends = found.way == -side
    if closed:
        ends &= _bodies_beyond(found, len(points)) <= 0
    lengths, opposite = nearest(chosen(found, ends), len(points))
    facing = dots(surface.normals[np.maximum(opposite, 0)], ways) * -side > FACING
    lengths = np.where((opposite >= 0) & facing, lengths, np.inf)
    halfway = points + ways * np.where(np.isfinite(lengths), lengths / 2, 0)[:, None]
    return Distances(lengths, halfway)


def _bodies_beyond(found: Hits, rays: int) -> Floats:
    """For each hit in how many bodies the ray is just outside of it: behind the hit where the ray leaves one,
    before it where it enters one. All that follow are left again, as nothing reaches to infinity."""
    order = np.lexsort((found.distance, found.ray))
    grown = np.cumsum(found.way[order])
    total = np.cumsum(np.bincount(found.ray, found.way, minlength=rays))
    beyond = np.empty(len(order))
    beyond[order] = total[found.ray[order]] - grown
    outside: Floats = beyond + np.minimum(found.way, 0)
    return outside
