"""How long one copy takes to print and what is extruded, from what is known of its layers. Arithmetic only.

A layer is walls, skin, infill and the moves between them. The head speeds up and brakes at every line's
end, so a line of length l at speed v takes l / v + v / a, or 2 sqrt(l / a) where it is too short to reach
v. Mean lines are as long as mean chords: pi * area / perimeter. Layers that would be over too soon are
slowed down to cool.
"""

from dataclasses import dataclass
from math import pi, sqrt
from typing import Final

from marketplace.designs.mesh.layers import Band, Layers
from marketplace.designs.mesh.materials import FLOW_MM3_S, MaterialClass
from marketplace.designs.mesh.measurement import Measurement

LINE_MM: Final = 0.45
WALLS_MM: Final = 2 * LINE_MM
SOLID_MM: Final = 0.85
FIRST_MM: Final = 0.2
SKIRT_MM: Final = 24.0
"""How much longer the line around the part is than its box."""
SUPPORT_LINE_MM: Final = 0.35
SUPPORT_LAYER_MM: Final = 0.2
"""Slicers make layers of support no thinner than they must."""
NARROW_MM: Final = 0.3


@dataclass(frozen=True)
class Constants:
    """What is fitted. Speeds in mm/s, `acceleration` in mm/s2, times in s; `*_flow` is extruded volume for
    one of geometry."""

    wall_flow: float
    skin_flow: float
    fill_flow: float
    anchor: float
    """How much of the walls' length infill runs along to get from line to line."""
    support_flow: float
    support_edge_mm: float
    """Thickness of what is extruded around support."""
    contact_mm: float
    contact_layers: float
    """What is dense between support and part: so thick, and so many layers."""
    wall_mm_s: float
    short_mm_s: float
    inner_mm_s: float
    skin_mm_s: float
    fill_mm_s: float
    support_mm_s: float
    first_mm_s: float
    slowest_mm_s: float
    acceleration: float
    narrow: float
    """How much shorter lines of skin are where it is a narrow rim: a power of its share."""
    corner_s: float
    loop_s: float
    layer_s: float
    cooling_s: float
    start_s: float


@dataclass(frozen=True)
class Copy:
    """Seconds from the first move to the last, and extruded mm3."""

    seconds: float
    mm3: float


def copy_of(
    model: Measurement,
    layer_um: int,
    infill_percent: int,
    by: Constants,
    flow_mm3_s: float = FLOW_MM3_S[MaterialClass.ORDINARY],
) -> Copy:
    """One copy of a model, of a material of which so much can be melted."""
    layers = model.layers or prism_of(model)
    height, layer = model.size_um[2] / 1000, layer_um / 1000
    density = infill_percent / 100
    share = height / len(layers.bands)
    seconds = mm3 = 0.0
    for band in layers.bands:
        seconds += share / layer * _layer_seconds(band, layer, density, by, flow_mm3_s)
        mm3 += share * _extruded_mm2(band, density, by)
    contact = layers.overhang_flat_mm2 * (by.contact_mm + by.contact_layers * layer)
    support = contact + _support_mm3(model.support_mm3 or 0, layers.overhang_flat_mm2, by)
    skirt = ((model.size_um[0] + model.size_um[1]) / 500 + SKIRT_MM) * LINE_MM
    first = layers.bands[0].area_mm2 / LINE_MM + skirt / LINE_MM
    line = SUPPORT_LINE_MM * max(layer, SUPPORT_LAYER_MM)
    seconds += support / line / min(by.support_mm_s, flow_mm3_s / line)
    first_mm_s = min(by.first_mm_s, flow_mm3_s / (LINE_MM * FIRST_MM))
    return Copy(by.start_s + seconds + first / first_mm_s, mm3 + support + skirt * FIRST_MM)


def prism_of(model: Measurement) -> Layers:
    """Layers as good as the totals tell, for a model measured before layers were: all alike."""
    height = max(model.size_um[2] / 1000, FIRST_MM)
    area, perimeter = model.volume_mm3 / height, model.wall_mm2 / height
    inner = max(0.0, area - WALLS_MM * perimeter)
    solid = min(inner, SOLID_MM * (model.top_mm2 + model.bottom_mm2) / height)
    band = Band(area, perimeter, inner, solid, float(model.bodies), 0.0, 4.0 * model.bodies)
    return Layers((band,), model.overhang_mm2)


def _support_mm3(volume: float, flat: float, by: Constants) -> float:
    """A sparse filling, and a rim that is longer the smaller the patches are."""
    if not flat:
        return 0.0
    return volume * (by.support_flow + by.support_edge_mm / sqrt(flat))


def _extruded_mm2(band: Band, density: float, by: Constants) -> float:
    walls, fill = band.area_mm2 - band.inner_mm2, _fill_mm(band, density, by) * LINE_MM
    return walls * by.wall_flow + band.solid_mm2 * by.skin_flow + fill * by.fill_flow


def _fill_mm(band: Band, density: float, by: Constants) -> float:
    """Length of infill in a layer."""
    left = band.inner_mm2 - band.solid_mm2
    if left <= 0 or not density:
        return 0.0
    lines = left * density / LINE_MM
    return lines + by.anchor * band.perimeter_mm * left / band.inner_mm2


def _layer_seconds(band: Band, layer: float, density: float, by: Constants, flow_mm3_s: float) -> float:
    """One layer of a band."""
    fastest = flow_mm3_s / (LINE_MM * layer)
    walls = (band.area_mm2 - band.inner_mm2) / LINE_MM
    inner = max(0.0, walls - band.perimeter_mm)
    short = min(band.short_mm, band.perimeter_mm)
    chord = pi * band.inner_mm2 / band.perimeter_mm if band.perimeter_mm else 0.0
    skin = band.solid_mm2 / LINE_MM
    fill = _fill_mm(band, density, by)
    # Filled altogether, infill is laid like skin.
    fill_speed = by.fill_mm_s if density < 1 else by.skin_mm_s
    moves = band.loops * by.loop_s + by.layer_s
    moves += (
        band.corners * by.corner_s * (1 + min(1.0, inner / band.perimeter_mm if band.perimeter_mm else 0))
    )
    seconds = moves + (band.perimeter_mm - short) / min(by.wall_mm_s, fastest)
    seconds += short / min(by.short_mm_s, fastest) + inner / min(by.inner_mm_s, fastest)
    # What is narrower than a line is filled by wider walls.
    width = 2 * band.inner_mm2 / band.perimeter_mm if band.perimeter_mm else 0.0
    wide = min(1.0, max(0.0, (width - NARROW_MM) / LINE_MM))
    skin, fill = skin * wide, fill * wide
    rim = band.solid_mm2 / band.inner_mm2 if band.inner_mm2 else 1.0
    seconds += _lines(skin, chord * rim**by.narrow, min(by.skin_mm_s, fastest), by.acceleration)
    seconds += _lines(fill, chord, min(fill_speed, fastest), by.acceleration)
    slowest = moves + (band.perimeter_mm + inner + skin + fill) / by.slowest_mm_s
    return max(seconds, min(by.cooling_s, slowest))


def _lines(total: float, each: float, speed: float, acceleration: float) -> float:
    """Seconds for lines of `each` mm, `total` mm together, from stop to stop."""
    if total <= 0 or each <= 0:
        return 0.0
    one = each / speed + speed / acceleration
    if each < speed**2 / acceleration:
        one = 2 * sqrt(each / acceleration)
    return total / each * one
