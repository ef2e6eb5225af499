"""What hangs over, and how much support material stands below it."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints
from marketplace.designs.mesh.rays import hits, nearest
from marketplace.designs.mesh.samples import by_area
from marketplace.designs.mesh.surface import Surface
from marketplace.designs.mesh.tree import Tree

# A twentieth of a degree more, as a face at exactly 45 degrees is none, however its numbers were rounded.
OVERHANG: Final = math.sin(math.radians(45.05))
# PrusaSlicer, told to support what is flatter than 45 degrees, supports these too, but not those of 44.1.
PROPPED: Final = math.sin(math.radians(44.5))
BED_CONTACT_MM: Final = 0.05
RAYS, MOST_RAYS = 4096, 16384
RAYS_A_MM2: Final = 4
"""So that hardly a cell of support (`supported.py`) is missed where much hangs over."""


@dataclass(frozen=True)
class Columns:
    """Where sampled rays fell from what slicers support: each from `top` down to `bottom`, in coordinates of
    the surface. `lean` is how far the surface above goes sideways for its height."""

    top: Floats
    bottom: Floats
    lean: Floats


NO_COLUMNS: Final = Columns(np.empty((0, 3)), np.empty(0), np.empty(0))


@dataclass(frozen=True)
class Support:
    """Facets that hang over by more than 45 degrees and do not lie on the bed, and the volume in mm3 between
    them and what is below: the model or the bed."""

    facets: Ints
    area: float
    volume: float
    columns: Columns


def on_bed(surface: Surface) -> Ints:
    """Facets that lie on the bed, the plane through the model's lowest point."""
    reach = surface.points[:, 2].min() + BED_CONTACT_MM
    low = surface.points[:, 2] < reach
    return np.flatnonzero(low[surface.faces].all(axis=1))


def support_of(surface: Surface, tree: Tree) -> Support:
    """As the model stands, z up."""
    down = -surface.normals[:, 2]
    down[on_bed(surface)] = 0
    facets, propped = np.flatnonzero(down > OVERHANG), np.flatnonzero(down > PROPPED)
    if not len(propped):
        return Support(facets, 0.0, 0.0, NO_COLUMNS)
    count = round(RAYS_A_MM2 * float(surface.areas[propped].sum()))
    below = by_area(surface, propped, min(MOST_RAYS, max(RAYS, count)))
    ways = np.broadcast_to(np.array([0.0, 0.0, -1.0]), below.points.shape)
    found = hits(surface, tree, below.points, ways, beyond=10 * surface.tolerance)
    lengths, _ = nearest(found, len(ways))
    drops = np.minimum(lengths, _height(surface, below.points))
    # Where material is left below, the facet lies in or on another body, which carries it; that body may
    # stand on a third one, which is entered at the same place.
    carried = (found.way > 0) & (found.distance <= lengths[found.ray] + surface.tolerance)
    drops[found.ray[carried]] = 0
    down = down[below.facets]
    columns = Columns(below.points, below.points[:, 2] - drops, down / np.sqrt(np.clip(1 - down**2, 1e-9, 1)))
    overhanging = down > OVERHANG
    volume = float((drops * down)[overhanging].sum()) * below.area
    return Support(facets, float(surface.areas[facets].sum()), volume, columns)


def _height(surface: Surface, points: Floats) -> Floats:
    height: Floats = points[:, 2] - surface.points[:, 2].min()
    return height
