"""What lies within the walls of a layer, how long it takes, and in how many lines.

The head speeds up and brakes at every line's end. Mean lines are as long as mean chords: pi * area / outline.
"""

from dataclasses import dataclass
from math import ceil, pi, sqrt
from typing import Final

from marketplace.designs.mesh.constants import Constants
from marketplace.designs.mesh.layers import Band

LINE_MM: Final = 0.45
SHELL_MM: Final = 0.8
SHELL_LAYERS: Final = 3
SOLID_MM_S, TOP_MM_S, FILL_MM_S = 60.0, 40.0, 80.0
"""Of the layers of skin one lies on air or under it, and is laid slower."""
SLOPED, STEEP = 7.0, 1.5
"""How far such skin goes sideways for its height, in the middle."""
SHORTEST_MM, SHORTEST_COUNTED_MM = 0.05, 0.3


@dataclass(frozen=True)
class Way:
    """How it is printed: the layer in mm, the share of infill, and how much can be melted."""

    layer: float
    density: float
    flow_mm3_s: float

    @property
    def fastest(self) -> float:
        """In mm/s."""
        return self.flow_mm3_s / (LINE_MM * self.layer)


@dataclass(frozen=True)
class Laid:
    """Of one layer: skin and infill in mm2, and in mm of lines; what these take in seconds, and for how many
    lines each counts when hops are counted."""

    mm2: float
    mm: float
    seconds: float
    skin_lines: float
    fill_lines: float


def laid_in(band: Band, way: Way, by: Constants) -> Laid:
    """Nothing where the walls leave nothing."""
    inner, edge = band.inner_mm2, band.edge_mm
    if inner <= 0 or edge <= 0:
        return Laid(0.0, 0.0, 0.0, 0.0, 0.0)
    flat = min(inner, band.solid_mm2)
    skin = min(inner, flat + _sloped_mm2(band, way, by))
    fill_mm2 = _fill_mm2(band, inner - skin, way, by)
    # What is narrower than a line is filled by wider walls.
    wide = min(1.0, max(0.0, (2 * inner / edge - by.narrow_mm) / LINE_MM))
    flat_mm, sloped_mm = (wide * area * by.skin_flow / LINE_MM for area in (flat, skin - flat))
    fill_mm, chord = wide * fill_mm2 / LINE_MM, pi * inner / edge
    rim, slope = chord * (flat / inner) ** by.narrow, min(chord, by.rim_mm)
    # Filled altogether, infill is laid like skin.
    fill_mm_s = min(FILL_MM_S if way.density < 1 else SOLID_MM_S, way.fastest)
    seconds = _skin_s(flat_mm, rim, way, by) + _skin_s(sloped_mm, slope, way, by)
    return Laid(
        mm2=skin * by.skin_flow + fill_mm2,
        mm=flat_mm + sloped_mm + fill_mm,
        seconds=seconds + _lines_s(fill_mm, chord, fill_mm_s, by),
        skin_lines=_count(flat_mm, rim) + by.slope_hops * _count(sloped_mm, slope),
        fill_lines=_count(fill_mm, chord),
    )


def _sloped_mm2(band: Band, way: Way, by: Constants) -> float:
    """The less of it is skin the less far it goes sideways within a layer; where there is room, slicers make
    it wide enough to be filled."""
    sloped, steep = (1 / (1 + (by.slope_mm / (way.layer * lean)) ** 2) for lean in (SLOPED, STEEP))
    room = 1 / (1 + (by.open_mm * band.edge_mm / (2 * band.inner_mm2)) ** 4)
    return by.grown * room * (sloped * band.sloped_mm2 + steep * band.steep_mm2)


def _fill_mm2(band: Band, left: float, way: Way, by: Constants) -> float:
    """Infill in a layer."""
    if left <= 0 or not way.density:
        return 0.0
    along = by.anchor * band.edge_mm * left / band.inner_mm2 if way.density < 1 else 0.0
    return left * way.density * by.fill_flow + along * LINE_MM


def _skin_s(total: float, each: float, way: Way, by: Constants) -> float:
    outside = total / max(SHELL_LAYERS, ceil(SHELL_MM / way.layer - 1e-9))
    inside = total - outside
    return _lines_s(outside, each, min(TOP_MM_S, way.fastest), by) + _lines_s(
        inside, each, min(SOLID_MM_S, way.fastest), by
    )


def _lines_s(total: float, each: float, speed: float, by: Constants) -> float:
    """Seconds for lines of `each` mm, `total` mm together, from corner to corner."""
    if total <= 0:
        return 0.0
    each, corner = max(each, SHORTEST_MM), min(by.corner_mm_s, speed)
    if each < (speed**2 - corner**2) / by.acceleration:
        one = 2 * (sqrt(corner**2 + by.acceleration * each) - corner) / by.acceleration
    else:
        one = each / speed + (speed - corner) ** 2 / (by.acceleration * speed)
    return total / each * one


def _count(total: float, each: float) -> float:
    return total / max(each, SHORTEST_COUNTED_MM)
