"""How long one copy takes to print and what is extruded, from what is known of its layers. Arithmetic only.

A layer is walls, skin, infill, support and the hops between them (`laying.py`). Layers that would be over too
soon are slowed down to cool.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Final

from marketplace.designs.mesh.constants import Constants
from marketplace.designs.mesh.layers import Band, Layers
from marketplace.designs.mesh.laying import LINE_MM, Laid, Way, laid_in
from marketplace.designs.mesh.materials import FLOW_MM3_S, MaterialClass
from marketplace.designs.mesh.measurement import Measurement

WALLS_MM: Final = 2 * LINE_MM
SOLID_MM: Final = 0.85
FIRST_MM: Final = 0.2
SKIRT_MM: Final = 24.0
"""How much longer the line around the part is than its box."""
OUTER_MM_S, SECOND_MM_S, SHORT_MM_S = 36.0, 60.0, 25.0
DENSE_MM_S: Final = 28.0
"""Of dense support, as far as it can be slowed down."""
TRAVEL_MM_S: Final = 150.0
TRAVEL_MM_S2: Final = 1000.0
FLATTEST: Final = 1.2
"""How much more of dense layers slopes of the third class have."""
DENSE_HOP_S: Final = 0.17
"""The way of a hop between dense patches, which are neighbours."""
LEAN_LAYER_MM: Final = 0.2
"""Layers in which slopes of the first class have as much as others; less in thinner ones, by the root."""


@dataclass(frozen=True)
class Copy:
    """Seconds from the first move to the last, and extruded mm3."""

    seconds: float
    mm3: float


@dataclass(frozen=True)
class _Dense:
    """Dense layers of support in all: under slopes and under what is flat, in mm3; seconds and hops."""

    mm3: float
    seconds: float
    hops: float


def copy_of(
    model: Measurement,
    layer_um: int,
    infill_percent: int,
    by: Constants,
    flow_mm3_s: float = FLOW_MM3_S[MaterialClass.ORDINARY],
) -> Copy:
    """One copy of a model, of a material of which so much can be melted."""
    layers = model.layers or prism_of(model)
    way = Way(layer_um / 1000, infill_percent / 100, flow_mm3_s)
    x, y, height = (length / 1000 for length in model.size_um)
    dense = _dense_of(layers, way, by)
    props = [_propped_mm2(band, by) for band in layers.bands]
    share = height / len(layers.bands)
    count = share / way.layer
    seconds = mm3 = 0.0
    for band, prop in zip(layers.bands, props, strict=True):
        part = prop / sum(props) / count if prop else 0.0
        its = _Dense(dense.mm3 * part, dense.seconds * part, dense.hops * part)
        seconds += count * _layer_seconds(band, (prop, its), way, by, sqrt(x * y))
        mm3 += share * (_extruded_mm2(band, laid_in(band, way, by), by) + prop)
    skirt = (x + y) * 2 + SKIRT_MM
    first = layers.bands[0].area_mm2 / LINE_MM + skirt
    first_mm_s = min(by.first_mm_s, flow_mm3_s / (LINE_MM * FIRST_MM))
    return Copy(by.start_s + seconds + first / first_mm_s, mm3 + dense.mm3 + skirt * LINE_MM * FIRST_MM)


def prism_of(model: Measurement) -> Layers:
    """Layers as good as the totals tell, for a model measured before layers were: all alike."""
    height = max(model.size_um[2] / 1000, FIRST_MM)
    area, perimeter = model.volume_mm3 / height, model.wall_mm2 / height
    inner = max(0.0, area - WALLS_MM * perimeter)
    solid = min(inner, SOLID_MM * (model.top_mm2 + model.bottom_mm2) / height)
    support = (model.support_mm3 or 0.0) / height
    band = Band(
        area_mm2=area,
        perimeter_mm=perimeter,
        inner_mm2=inner,
        solid_mm2=solid,
        loops=float(model.bodies),
        edge_mm=perimeter if inner else 0.0,
        sloped_mm2=0.0,
        steep_mm2=0.0,
        outer_mm=perimeter,
        second_mm=max(0.0, (area - inner) / LINE_MM - perimeter),
        outer_short_mm=0.0,
        second_short_mm=0.0,
        outer_brake_s=0.0,
        second_brake_s=0.0,
        support_mm2=support,
        support_edge_mm=4 * sqrt(support),
    )
    return Layers((band,), model.overhang_mm2, (0.0, model.overhang_mm2, 0.0, 0.0), 0.0)


def _dense_of(layers: Layers, way: Way, by: Constants) -> _Dense:
    """Between support and part."""
    first, second, third, flat = layers.contact_mm2
    slopes = first * sqrt(way.layer / LEAN_LAYER_MM) + second + FLATTEST * third
    leaning = by.lean_mm * slopes + way.layer * by.resting_layers * layers.resting_mm2
    level, melting = by.flat_mm * flat, 1 / way.flow_mm3_s
    return _Dense(
        mm3=leaning + level,
        seconds=level * max(by.flat_s_mm3, melting) + leaning * max(by.lean_s_mm3, melting),
        hops=by.lean_hops * leaning + by.flat_hops * level,
    )


def _propped_mm2(band: Band, by: Constants) -> float:
    """Extruded for support, of one mm of height: a sparse filling and what goes around it."""
    return by.support_flow * band.support_mm2 + by.support_edge_mm * band.support_edge_mm


def _extruded_mm2(band: Band, laid: Laid, by: Constants) -> float:
    walls = (band.area_mm2 - band.inner_mm2) * by.wall_flow
    return walls + laid.mm2


def _layer_seconds(
    band: Band, beside: tuple[float, _Dense], way: Way, by: Constants, side_mm: float
) -> float:
    """One layer of a band, with the support beside it: per mm of height, and its dense layers."""
    laid, dense = laid_in(band, way, by), beside[1]
    prop_mm = beside[0] * way.layer / by.support_line_mm2
    moves = _moves_s(band, laid, by, side_mm) + dense.hops * (by.hop_s + DENSE_HOP_S)
    seconds = moves + _walls_s(band, way, by) + laid.seconds + dense.seconds
    seconds += prop_mm / min(by.support_mm_s, way.flow_mm3_s / by.support_line_mm2)
    extruded = band.outer_mm + band.second_mm + laid.mm + prop_mm
    slowest = moves + (extruded + dense.seconds * DENSE_MM_S) / by.slowest_mm_s
    return max(seconds, min(by.cooling_s, slowest))


def _walls_s(band: Band, way: Way, by: Constants) -> float:
    short = min(SHORT_MM_S, way.fastest)
    outer = (band.outer_mm - band.outer_short_mm) / min(OUTER_MM_S, way.fastest)
    second = (band.second_mm - band.second_short_mm) / min(SECOND_MM_S, way.fastest)
    brakes = by.brake * (band.outer_brake_s + band.second_brake_s)
    return outer + second + (band.outer_short_mm + band.second_short_mm) / short + brakes


def _moves_s(band: Band, laid: Laid, by: Constants, side_mm: float) -> float:
    """A hop lifts, draws back, and goes as far as there is room for each of them."""
    hops = band.loops + by.fill_hops * laid.fill_lines + by.skin_hops * laid.skin_lines
    hops += by.support_hops * band.support_edge_mm
    far = by.hop_way * side_mm / sqrt(max(hops, 1.0))
    return hops * (by.hop_s + _travel_s(far)) + band.loops * by.loop_s + by.layer_s


def _travel_s(far: float) -> float:
    if far < TRAVEL_MM_S**2 / TRAVEL_MM_S2:
        return 2 * sqrt(far / TRAVEL_MM_S2)
    return far / TRAVEL_MM_S + TRAVEL_MM_S / TRAVEL_MM_S2
