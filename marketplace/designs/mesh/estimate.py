"""Time, material and a price range from measurements alone, before any slicing or bid. Arithmetic only.

The shell model: a print is a skin around a lattice. Per facet of area A and upward normal nz the skin takes
A * (2 * 0.45 mm * sqrt(1 - nz^2) + top * max(nz, 0) + bottom * max(-nz, 0)), capped at the volume; the rest
is filled to the infill percentage. Source: the project's RECIPES, Meshes, where 72 parts were compared with
PrusaSlicer and half held out: material 11 % off on average; time from shell, layers and cross-sections 12 %,
worst 32 %, where "time = c * volume" is 51 % off. Slicers themselves miss a printer's own time by 22 to 67 %
on some machines.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from marketplace.designs.mesh.measurement import Measurement

LINE_MM: Final = 0.45
WALLS: Final = 2
TOP_LAYERS: Final = 5
BOTTOM_LAYERS: Final = 4
# Fitted to CuraEngine at 60 mm/s, six parts sliced eight times: time at most 17 % off, material 6 to 16 % up.
WARM_UP_S: Final = 150
"""Heating, homing and the slow first layer: once a print."""
LAYER_CHANGE_S: Final = 1.5
SKIN_MM_S: Final = 36.0
FILL_MM_S: Final = 62.0
FLOW_MM3_S: Final = 11.0
"""What an ordinary hot end melts; thick layers do not get faster beyond it."""
TIME_ERROR: Final = 0.32
MATERIAL_ERROR: Final = 0.20

# Grams per cm3, from the makers' data sheets.
DENSITIES: Final[dict[str, float]] = {
    "PLA": 1.24,
    "PETG": 1.27,
    "ABS": 1.04,
    "ASA": 1.07,
    "TPU": 1.21,
    "PA": 1.14,
    "PC": 1.20,
}


@dataclass(frozen=True)
class Settings:
    """How a part is to be printed."""

    material: str
    layer_um: int
    infill_percent: int


@dataclass(frozen=True)
class Wanted:
    """One part of a set: how often the set holds it, and how it is to be printed."""

    model: Measurement
    copies: int
    how: Settings


@dataclass(frozen=True)
class Rates:
    """What providers ask, in wei: the cheap and the dear end of what is usual."""

    hour: tuple[int, int] = (800_000_000_000_000, 2_400_000_000_000_000)
    gram: tuple[int, int] = (8_000_000_000_000, 20_000_000_000_000)
    setup: tuple[int, int] = (200_000_000_000_000, 600_000_000_000_000)


@dataclass(frozen=True)
class Estimate:
    """Of everything asked for together. Prices in wei; `basis` says what it rests on."""

    print_seconds: int
    grams: float
    price_low: int
    price_high: int
    basis: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"price_low": str(self.price_low), "price_high": str(self.price_high)}


def printed_mm3(model: Measurement, how: Settings) -> tuple[float, float]:
    """Extruded volume of one copy: skin and infill."""
    layer = how.layer_um / 1000
    skin = (
        WALLS * LINE_MM * model.wall_mm2
        + TOP_LAYERS * layer * model.top_mm2
        + BOTTOM_LAYERS * layer * model.bottom_mm2
    )
    skin = min(skin, model.volume_mm3)
    return skin, (model.volume_mm3 - skin) * how.infill_percent / 100


def seconds_of_copy(model: Measurement, how: Settings) -> float:
    """Print time of one copy, without heating up."""
    layer = how.layer_um / 1000
    skin, fill = printed_mm3(model, how)
    cross = LINE_MM * layer
    extruding = skin / min(cross * SKIN_MM_S, FLOW_MM3_S) + fill / min(cross * FILL_MM_S, FLOW_MM3_S)
    return extruding + model.size_um[2] / how.layer_um * LAYER_CHANGE_S


def estimate(parts: Sequence[Wanted], quantity: int, rates: Rates | None = None) -> Estimate:
    """Estimate `quantity` sets of parts, each copy a print of its own. Raises KeyError for a material without
    a known density."""
    rates = rates or Rates()
    seconds = grams = 0.0
    for part in parts:
        prints_of_part = part.copies * quantity
        density = DENSITIES[part.how.material]
        seconds += (WARM_UP_S + seconds_of_copy(part.model, part.how)) * prints_of_part
        grams += sum(printed_mm3(part.model, part.how)) / 1000 * density * prints_of_part
    prints = quantity * sum(part.copies for part in parts)
    return Estimate(
        print_seconds=round(seconds),
        grams=round(grams, 2),
        price_low=_price(seconds * (1 - TIME_ERROR), grams * (1 - MATERIAL_ERROR), prints, rates, 0),
        price_high=_price(seconds * (1 + TIME_ERROR), grams * (1 + MATERIAL_ERROR), prints, rates, 1),
        basis="Estimated from the measured surface and volume, without slicing: expect a slicer within a "
        "third. The price range joins that with usual rates per hour, gram and set-up.",
    )


def _price(seconds: float, grams: float, prints: int, rates: Rates, end: int) -> int:
    wei = rates.setup[end] * prints + rates.hour[end] * round(seconds) // 3600
    return wei + rates.gram[end] * round(grams * 1000) // 1000
