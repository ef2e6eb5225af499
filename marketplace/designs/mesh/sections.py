"""What a model's layers are like, for estimates: cross-sections summed over facets, without slicing.

A facet's area below a height is a quadratic of the height between its corners. So the coefficients are added
where facets begin, bend and end, and one running sum gives every height at once: linear in facets and exact.
The surface looked at from the side gives perimeters, its flow along z areas; what faces up or down gives the
solid layers below or above.
"""

from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Flags, Floats, Ints
from marketplace.designs.mesh.contours import WALLS_MM, contours_of
from marketplace.designs.mesh.layers import Band, Layers
from marketplace.designs.mesh.surface import Surface

BANDS: Final = 32
CELLS: Final = 384
"""Heights looked at; a multiple of the bands."""
SOLID_MM: Final = 0.85
"""How thick slicers make solid skin: 0.8 mm, in whole layers."""
SLOPE: Final = 0.9
"""Where the surface goes less far sideways for its height, walls alone are its skin."""
LEVEL_MM: Final = 1e-3
"""A facet no higher than this is level."""


def layers_of(surface: Surface, overhanging: Ints) -> Layers:
    """As the model stands. `overhanging` are the facets that need support."""
    lowest = float(surface.points[:, 2].min())
    height = float(np.ptp(surface.points[:, 2]))
    # Edges and middles of all cells.
    heights = np.linspace(0, height, 2 * CELLS + 1)
    below = _Below(surface, lowest, heights)
    nz = surface.normals[:, 2]
    sideways = np.sqrt(np.clip(1 - nz**2, 0, 1))
    perimeter = np.diff(below.sums(surface.areas * sideways)[::2]) * CELLS / height
    area = np.clip(-below.sums(surface.areas * nz)[1::2], 0, None)
    upper = below.sums(surface.areas * np.where(nz >= SLOPE * sideways, nz, 0))
    lower = below.sums(surface.areas * np.where(-nz >= SLOPE * sideways, -nz, 0))
    middles = heights[1::2]
    solid = np.interp(middles + SOLID_MM, heights, upper) - np.interp(middles, heights, upper)
    solid += np.interp(middles, heights, lower) - np.interp(middles - SOLID_MM, heights, lower, left=0)
    found = contours_of(surface, lowest + _planes(height))
    inner = _inner(area, perimeter, found.inner, found.area)
    # Slicers fill small islands altogether.
    small = inner * np.repeat(found.small / np.where(found.inner > 0, found.inner, 1), CELLS // BANDS)
    bands = np.stack([area, perimeter, inner, np.clip(solid, small, inner)])
    means = bands.reshape(4, BANDS, -1).mean(axis=2)
    return Layers(
        tuple(
            Band(*(round(float(value), 3) for value in values))
            for values in zip(*means, found.loops, found.short, found.corners, strict=True)
        ),
        round(float((surface.areas * np.abs(nz))[overhanging].sum()), 3),
    )


class _Below:
    """For each of some rising heights, how much of each facet is below it."""

    def __init__(self, surface: Surface, lowest: float, heights: Floats) -> None:
        corners = np.sort((surface.points[:, 2] - lowest)[surface.faces], axis=1)
        self.low, self.middle, self.high = corners.T
        self.heights = heights
        starts, bends, ends = (np.searchsorted(heights, each) for each in corners.T)
        rise = self.high - self.low
        level = (rise < LEVEL_MM) | (starts == ends)
        self.starts, self.bends, self.ends = starts, bends, ends
        self.rising: Flags = ~level & (starts < bends)
        self.falling: Flags = ~level & (bends < ends)
        self.rise = rise

    def sums(self, weights: Floats) -> Floats:
        """Of the facets' weights, as much as of their areas is below each height."""
        size = len(self.heights) + 1
        square, line, whole = np.zeros(size), np.zeros(size), np.bincount(self.ends, weights, minlength=size)
        for chosen, begins, stops, corner, side, constant in (
            (self.rising, self.starts, self.bends, self.low, self.middle - self.low, 0.0),
            (self.falling, self.bends, self.ends, self.high, self.middle - self.high, 1.0),
        ):
            weight, at = weights[chosen], corner[chosen]
            bent = weight / (self.rise[chosen] * side[chosen])
            for places, sign in ((begins[chosen], 1.0), (stops[chosen], -1.0)):
                square += np.bincount(places, sign * bent, minlength=size)
                line += np.bincount(places, -2 * sign * bent * at, minlength=size)
                steady = bent * at**2 + constant * weight
                whole += np.bincount(places, sign * steady, minlength=size)
        terms = square, line, whole
        squares, lines, wholes = (np.cumsum(each, dtype=np.float64)[:-1] for each in terms)
        total: Floats = squares * self.heights**2 + lines * self.heights + wholes
        return total


def _planes(height: float) -> Floats:
    """One in each band, a little off its middle, where models like to have corners."""
    planes: Floats = (np.arange(BANDS) + 0.5037) * height / BANDS
    return planes


def _inner(area: Floats, perimeter: Floats, inner: Floats, whole: Floats) -> Floats:
    """What the walls leave of each cell, by what they leave of the section that was traced in its band."""
    share = np.repeat(inner / np.where(whole > 0, whole, 1), CELLS // BANDS)
    # Where the section changes within a band, its own measures say better.
    own = np.clip(1 - WALLS_MM * perimeter / np.where(area > 0, area, 1), 0, 1)
    traced = np.repeat(whole, CELLS // BANDS)
    alike = np.abs(traced - area) < 0.1 * np.maximum(area, 1e-9)
    left: Floats = area * np.where(alike, np.clip(share, 0, 1), own)
    return left
