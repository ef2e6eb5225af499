"""Where rays meet facets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Flags, Floats, Ints, crosses, dots
from marketplace.designs.mesh.surface import Surface
from marketplace.designs.mesh.tree import Level, Tree

CHUNK: Final = 4096
MOST_BOXES: Final = 1_000_000
# A ray between two facets meets both rather than none of them.
SLACK: Final = 1e-9


@dataclass(frozen=True)
class Hits:
    """Each meeting of a ray and a facet: their numbers, the distance in mm, and whether the ray leaves the
    model there (+1) or enters it (-1)."""

    ray: Ints
    facet: Ints
    distance: Floats
    way: Floats


def hits(surface: Surface, tree: Tree, origins: Floats, directions: Floats, beyond: float) -> Hits:
    """All meetings farther than `beyond` mm from origins (n, 3), along unit directions (n, 3)."""
    parts = [
        part
        for start in range(0, len(origins), CHUNK)
        for part in _hits(
            surface, tree, np.arange(start, min(start + CHUNK, len(origins))), (origins, directions), beyond
        )
    ]
    if not parts:
        return Hits(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))
    return Hits(
        np.concatenate([part.ray for part in parts]),
        np.concatenate([part.facet for part in parts]),
        np.concatenate([part.distance for part in parts]),
        np.concatenate([part.way for part in parts]),
    )


def nearest(found: Hits, rays: int) -> tuple[Floats, Ints]:
    """For each ray the distance to its first hit (infinite without one), and that hit's facet (or -1)."""
    order = np.lexsort((found.distance, found.ray))
    ray = found.ray[order]
    first = np.concatenate([[True], ray[1:] != ray[:-1]]) if len(ray) else np.empty(0, np.bool_)
    distance, facet = np.full(rays, np.inf), np.full(rays, -1, dtype=np.int64)
    distance[ray[first]] = found.distance[order][first]
    facet[ray[first]] = found.facet[order][first]
    return distance, facet


def chosen(found: Hits, which: Flags) -> Hits:
    """Those hits."""
    return Hits(found.ray[which], found.facet[which], found.distance[which], found.way[which])


def _hits(
    surface: Surface, tree: Tree, which: Ints, rays: tuple[Floats, Floats], beyond: float
) -> Iterator[Hits]:
    """The hits of these rays, in parts: fewer rays at a time where they meet too many boxes to keep."""
    origins, directions = rays
    inverse = 1 / np.where(np.abs(directions) < 1e-12, 1e-12, directions)
    ray, box = which, np.zeros(len(which), dtype=np.int64)
    for depth, level in enumerate(tree.levels):
        if depth:
            ray, box = np.concatenate([ray, ray]), np.concatenate([box * 2, box * 2 + 1])
            there = box < level.count
            ray, box = ray[there], box[there]
        ray, box = _entered(level, ray, box, origins, inverse)
        if len(ray) > MOST_BOXES and len(which) > 1:
            for half in np.array_split(which, 2):
                yield from _hits(surface, tree, half, rays, beyond)
            return
    yield _met(surface, ray, tree.order[box], rays, beyond)


def _entered(level: Level, ray: Ints, box: Ints, origins: Floats, inverse: Floats) -> tuple[Ints, Ints]:
    near, far = np.zeros(len(ray)), np.full(len(ray), np.inf)
    for axis in range(3):
        at, scale = origins[ray, axis], inverse[ray, axis]
        one, other = (level.low[axis, box] - at) * scale, (level.high[axis, box] - at) * scale
        near = np.maximum(near, np.minimum(one, other))
        far = np.minimum(far, np.maximum(one, other))
    through = near <= far
    return ray[through], box[through]


def _met(surface: Surface, ray: Ints, facet: Ints, rays: tuple[Floats, Floats], beyond: float) -> Hits:
    """The hits among these candidates, by the volumes a ray spans with a facet's edges."""
    origins, directions = rays
    first = surface.corner(0, facet)
    along, across = surface.corner(1, facet) - first, surface.corner(2, facet) - first
    way, offset = directions[ray], origins[ray] - first
    normal = crosses(along, across)
    slope = -dots(way, normal)
    safe = np.where(slope == 0, 1, slope)
    turned = crosses(offset, way)
    u, v = dots(across, turned) / safe, -dots(along, turned) / safe
    distance = dots(offset, normal) / safe
    # Not along the facet: there a hit says nothing.
    steep = np.abs(slope) > 1e-6 * np.sqrt(dots(normal, normal))
    hit = steep & (u >= -SLACK) & (v >= -SLACK) & (u + v <= 1 + SLACK) & (distance > beyond)
    outwards = dots(way[hit], surface.normals[facet[hit]])
    return Hits(ray[hit], facet[hit], distance[hit], np.sign(outwards))
