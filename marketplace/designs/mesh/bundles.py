"""A surface's facets bundled by the way they face: thousands of bundles tell what a million facets tell."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints, dots
from marketplace.designs.mesh.surface import Surface

CELLS: Final = 64


@dataclass(frozen=True)
class Bundles:
    """Facets facing nearly the same way: their mean unit normal, their area in mm2 and its centre in mm."""

    normals: Floats
    areas: Floats
    centres: Floats


def bundles_of(surface: Surface) -> Bundles:
    """Facets without area belong to none."""
    solid = np.flatnonzero(surface.areas > 0)
    normals, areas = surface.normals[solid], surface.areas[solid]
    _, bundle = np.unique(_cells(normals), return_inverse=True)
    total = np.bincount(bundle, weights=areas).astype(np.float64)
    centres = _means(bundle, areas, surface.centres(solid)) / total[:, None]
    mean = _means(bundle, areas, normals)
    length = np.sqrt(dots(mean, mean))
    return Bundles(mean / np.where(length > 0, length, 1)[:, None], total, centres)


def fibonacci(count: int) -> Floats:
    """Unit vectors spread evenly over all directions."""
    number = np.arange(count) + 0.5
    z = 1 - 2 * number / count
    turn = number * np.pi * (1 + 5**0.5)
    radius = np.sqrt(1 - z * z)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), z], axis=1)


def _means(bundle: Ints, weights: Floats, values: Floats) -> Floats:
    return np.stack([np.bincount(bundle, weights=weights * values[:, axis]) for axis in range(3)], axis=1)


def _cells(normals: Floats) -> Ints:
    """Numbers of cells of a cube around each unit vector; its middles lie on the axes."""
    cells = np.rint(normals * (CELLS / 2)).astype(np.int64) + CELLS
    numbers: Ints = (cells[:, 0] * 2 * CELLS + cells[:, 1]) * 2 * CELLS + cells[:, 2]
    return numbers
