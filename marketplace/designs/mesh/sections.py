"""What a model's layers are like, for estimates: cross-sections summed over facets, without slicing.

A facet's area below a height is a quadratic of the height between its corners. So the coefficients are added
where facets begin, bend and end, and one running sum gives every height at once: linear in facets and exact.
The surface looked at from the side gives perimeters, its flow along z areas; what faces up or down gives the
solid layers below or above.
"""

from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Flags, Floats, Ints
from marketplace.designs.mesh.contours import WALLS_MM, Contours, contours_of
from marketplace.designs.mesh.layers import Band, Layers
from marketplace.designs.mesh.support import NO_COLUMNS, Columns
from marketplace.designs.mesh.supported import supported
from marketplace.designs.mesh.surface import Surface

BANDS: Final = 32
CELLS: Final = 384
"""Heights looked at; a multiple of the bands."""
SOLID_MM: Final = 0.85
"""How thick slicers make solid skin: 0.8 mm, in whole layers."""
SLOPES: Final = (12.0, 4.0, 0.6)
"""Skin that goes at least so far sideways for its height is flat, sloped, steep; of what goes less far, walls
alone are the skin."""
LEVEL_MM: Final = 1e-3
"""A facet no higher than this is level."""


def layers_of(surface: Surface, overhanging: Ints, columns: Columns = NO_COLUMNS) -> Layers:
    """As the model stands. `overhanging` are the facets that need support, `columns` samples of it."""
    lowest = float(surface.points[:, 2].min())
    height = float(np.ptp(surface.points[:, 2]))
    # Edges and middles of all cells.
    heights = np.linspace(0, height, 2 * CELLS + 1)
    below = _Below(surface, lowest, heights)
    nz = surface.normals[:, 2]
    sideways = np.sqrt(np.clip(1 - nz**2, 0, 1))
    perimeter = np.diff(below.sums(surface.areas * sideways)[::2]) * CELLS / height
    area = np.clip(-below.sums(surface.areas * nz)[1::2], 0, None)
    flat, sloped, steep = _skins(below, surface.areas * nz, np.abs(nz), sideways)
    found = contours_of(surface, lowest + _planes(height))
    inner = _inner(area, perimeter, found.inner, found.area)
    # Slicers fill small islands altogether.
    small = inner * np.repeat(found.small / np.where(found.inner > 0, found.inner, 1), CELLS // BANDS)
    cells = np.stack([area, perimeter, inner, np.clip(flat, small, inner), sloped, steep])
    means = cells.reshape(6, BANDS, -1).mean(axis=2)
    traced = _traced(found, means)
    stands = supported(columns, lowest + np.linspace(0, height, BANDS + 1))
    return Layers(
        tuple(_band(*values) for values in zip(means.T, traced.T, stands.area, stands.outline, strict=True)),
        round(float((surface.areas * np.abs(nz))[overhanging].sum()), 3),
        tuple(round(each, 3) for each in stands.contact),
        round(stands.resting, 3),
    )


def _skins(below: "_Below", flow: Floats, up: Floats, sideways: Floats) -> tuple[Floats, ...]:
    """For each cell the skin under what faces up and over what faces down, for each of the slopes. `flow` is
    the facets' area seen from above, with its sign."""
    heights, found, steeper = below.heights, [], np.ones(len(up), dtype=np.bool_)
    middles = heights[1::2]
    for slope in SLOPES:
        chosen = steeper & (up >= slope * sideways)
        steeper = steeper & ~chosen
        upper = below.sums(np.where(chosen & (flow > 0), flow, 0))
        lower = below.sums(np.where(chosen & (flow < 0), -flow, 0))
        solid = np.interp(middles + SOLID_MM, heights, upper) - np.interp(middles, heights, upper)
        solid += np.interp(middles, heights, lower) - np.interp(middles - SOLID_MM, heights, lower, left=0)
        found.append(solid)
    return tuple(found)


def _traced(found: Contours, means: Floats) -> Floats:
    """What was traced at one plane of each band, for the mean of the band."""
    _, perimeter, inner = means[:3]
    longer = np.clip(perimeter / np.where(found.outline > 0, found.outline, 1), 0.5, 2)
    # Where the plane met nothing within walls but the band has some, it is a floor or a lid.
    scale = np.sqrt(inner / np.where(found.inner > 0, found.inner, 1))
    edge = np.where(found.inner > 0, found.edge * scale, 4 * np.sqrt(inner))
    walls = (found.outer, found.second, found.outer_short, found.second_short)
    brakes = (found.outer_brake, found.second_brake)
    return np.stack([found.loops, edge, *(each * longer for each in (*walls, *brakes))])


def _band(means: Floats, traced: Floats, support: float, around: float) -> Band:
    area, perimeter, inner, solid, sloped, steep = (round(float(value), 3) for value in means)
    loops, edge, *walls = (round(float(value), 3) for value in traced)
    outer, second, outer_short, second_short, outer_brake, second_brake = walls
    return Band(
        area_mm2=area,
        perimeter_mm=perimeter,
        inner_mm2=inner,
        solid_mm2=solid,
        loops=loops,
        edge_mm=edge,
        sloped_mm2=sloped,
        steep_mm2=steep,
        outer_mm=outer,
        second_mm=second,
        outer_short_mm=outer_short,
        second_short_mm=second_short,
        outer_brake_s=outer_brake,
        second_brake_s=second_brake,
        support_mm2=round(float(support), 3),
        support_edge_mm=round(float(around), 3),
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
