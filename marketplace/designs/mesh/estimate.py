"""Time, material and a price range before any bid: from geometry at once, from a real slice once there is
one.

Both are compared with a slicer on parts that nobody tuned on (docs/estimates.md), and the range is as wide
as 19 in 20 of those were off. Arithmetic only, so that layer height, infill and material can be tried
without waiting.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from math import exp, log
from typing import Any, Final

from marketplace.designs.mesh.fitted import CONSTANTS, ERRORS, FACTORS, PRUSA, Error
from marketplace.designs.mesh.materials import DENSITIES, FLOW_MM3_S, MaterialClass, class_of
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.mesh.printing import Copy, copy_of

WARM_UP_S: Final = 150
"""Heating and levelling: once a print. Slicers do not count it."""
OTHER_CLASS: Final = 10
THIN_SHARE: Final = 0.3
SUPPORTED_SHARE: Final = 0.02
INTRICATE_SHARE: Final = 0.15

QUALITIES: Final = {"draft": 280, "standard": 200, "fine": 120}
"""Layer heights in micrometres."""


class Source(StrEnum):
    """What an estimate rests on: the model's geometry, a slice with other settings that corrects it, or a
    slice with the very settings."""

    GEOMETRY = "geometry"
    SCALED = "scaled"
    SLICED = "sliced"


BASES: Final = {
    Source.GEOMETRY: "Estimated from the model's cross-sections, without slicing",
    Source.SCALED: "Estimated from the model's cross-sections, corrected by a slice with other settings",
    Source.SLICED: "Sliced in the background with these settings",
}


@dataclass(frozen=True)
class Settings:
    """How a part is to be printed."""

    material: str
    layer_um: int
    infill_percent: int

    @property
    def material_class(self) -> MaterialClass:
        return class_of(self.material)


@dataclass(frozen=True)
class Slice:
    """What a slicer said of one copy: seconds without heating up, and extruded mm3, which no material of the
    class changes. `slicer` is its name without the version."""

    layer_um: int
    infill_percent: int
    seconds: int
    mm3: float
    material_class: MaterialClass = MaterialClass.ORDINARY
    slicer: str = PRUSA

    @property
    def copy(self) -> Copy:
        """As PrusaSlicer would say it, with which everything is compared."""
        factor = FACTORS[self.slicer]
        return Copy(self.seconds * factor.time, self.mm3 * factor.material)


@dataclass(frozen=True)
class Wanted:
    """One part of a set: how often the set holds it, how it is to be printed, and what slices there are."""

    model: Measurement
    copies: int
    how: Settings
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True)
class Rates:
    """What providers ask, in wei: the cheap and the dear end of what is usual."""

    hour: tuple[int, int] = (800_000_000_000_000, 2_400_000_000_000_000)
    gram: tuple[int, int] = (8_000_000_000_000, 20_000_000_000_000)
    setup: tuple[int, int] = (200_000_000_000_000, 600_000_000_000_000)


@dataclass(frozen=True)
class Estimate:
    """Of everything asked for together. Prices in wei; `basis` says in words what `rests_on` says in one.

    19 in 20 parts lie between low and high; `error_percent` is how far off the time is on average.
    """

    print_seconds: int
    grams: float
    price_low: int
    price_high: int
    basis: str
    rests_on: str
    error_percent: float
    seconds_low: int
    seconds_high: int
    grams_low: float
    grams_high: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"price_low": str(self.price_low), "price_high": str(self.price_high)}


@dataclass(frozen=True)
class _Range:
    """Low, likely and high."""

    low: float
    likely: float
    high: float

    def plus(self, other: "_Range", times: float = 1) -> "_Range":
        return _Range(
            self.low + other.low * times, self.likely + other.likely * times, self.high + other.high * times
        )


def estimate(
    parts: Sequence[Wanted], quantity: int, rates: Rates | None = None, pace: float = 1.0
) -> Estimate:
    """Estimate `quantity` sets of parts, each copy a print of its own, on a printer that takes `pace` times
    as long as it should. Raises KeyError for a material without a known density."""
    rates = rates or Rates()
    seconds = grams = _Range(0, 0, 0)
    sources, wrong = [], 0.0
    for part in parts:
        copy, source = expected_copy(part)
        error = error_of(part, source)
        sources.append(source)
        time = _range((copy.seconds + WARM_UP_S) * pace, error.time_most)
        weight = _range(copy.mm3 / 1000 * DENSITIES[part.how.material], error.material_most)
        seconds = seconds.plus(time, part.copies * quantity)
        grams = grams.plus(weight, part.copies * quantity)
        wrong += time.likely * part.copies * quantity * error.time_mean
    prints = quantity * sum(part.copies for part in parts)
    # The weakest part decides what the whole rests on.
    source = min(sources, key=list(Source).index, default=Source.GEOMETRY)
    error_percent = round(100 * wrong / seconds.likely, 1) if seconds.likely else 0.0
    return Estimate(
        print_seconds=round(seconds.likely),
        grams=round(grams.likely, 2),
        price_low=_price(seconds.low, grams.low, prints, rates, 0),
        price_high=_price(seconds.high, grams.high, prints, rates, 1),
        basis=f"{BASES[source]}: a slicer's time is {error_percent:g} % off on average. "
        "The price range joins that with usual rates per hour, gram and set-up.",
        rests_on=source.value,
        error_percent=error_percent,
        seconds_low=round(seconds.low),
        seconds_high=round(seconds.high),
        grams_low=round(grams.low, 2),
        grams_high=round(grams.high, 2),
    )


def expected_copy(part: Wanted) -> tuple[Copy, Source]:
    """One copy, by the best that is known. A slice with other settings tells how far off geometry is."""
    how, nearest = part.how, _nearest(part)
    if nearest and _apart(nearest, how) == 0:
        return nearest.copy, Source.SLICED
    by_geometry = copy_of(
        part.model, how.layer_um, how.infill_percent, CONSTANTS, FLOW_MM3_S[how.material_class]
    )
    if nearest is None:
        return by_geometry, Source.GEOMETRY
    flow = FLOW_MM3_S[nearest.material_class]
    there = copy_of(part.model, nearest.layer_um, nearest.infill_percent, CONSTANTS, flow)
    said = nearest.copy
    scaled = Copy(by_geometry.seconds * said.seconds / there.seconds, by_geometry.mm3 * said.mm3 / there.mm3)
    return scaled, Source.SCALED


def kind_of(model: Measurement) -> str:
    """The class of parts among which errors are alike."""
    if model.layers is None:
        return "totals"
    # Many patches of dense support under slopes: the hardest to foresee.
    if sum(model.layers.contact_mm2[:-1]) > INTRICATE_SHARE * model.area_mm2:
        return "intricate"
    bands = model.layers.bands
    support_mm3 = sum(band.support_mm2 for band in bands) / len(bands) * model.size_um[2] / 1000
    if support_mm3 > SUPPORTED_SHARE * model.volume_mm3:
        return "supported"
    inner, area = sum(band.inner_mm2 for band in bands), sum(band.area_mm2 for band in bands)
    return "thin" if inner < THIN_SHARE * area else "plain"


def error_of(part: Wanted, source: Source) -> Error:
    """How far off estimates of such parts were, by the slicer they rest on."""
    nearest = _nearest(part)
    soft = part.how.material_class is MaterialClass.FLEXIBLE and source is not Source.SLICED
    kind = "flexible" if soft else kind_of(part.model)
    return ERRORS[nearest.slicer if nearest else PRUSA][source][kind]


def what_if(part: Wanted, quantity: int = 1) -> list[tuple[str, list[tuple[str, Estimate]]]]:
    """For each material, what each quality takes: rows of a table."""
    return [
        (
            material,
            [
                (
                    quality,
                    estimate(
                        [replace(part, how=replace(part.how, material=material, layer_um=layer))], quantity
                    ),
                )
                for quality, layer in QUALITIES.items()
            ],
        )
        for material in DENSITIES
    ]


def _nearest(part: Wanted) -> Slice | None:
    """The first of those that are as near."""
    return min(part.slices, key=lambda each: _apart(each, part.how), default=None)


def _apart(there: Slice, how: Settings) -> float:
    """Another class of materials is further than any layer or infill of the same."""
    other = OTHER_CLASS if there.material_class != how.material_class else 0
    apart = abs(log(there.layer_um / how.layer_um)) + abs(there.infill_percent - how.infill_percent) / 100
    return apart + other


def _range(likely: float, most: float) -> _Range:
    return _Range(likely * exp(-most), likely, likely * exp(most))


def _price(seconds: float, grams: float, prints: int, rates: Rates, end: int) -> int:
    wei = rates.setup[end] * prints + rates.hour[end] * round(seconds) // 3600
    return wei + rates.gram[end] * round(grams * 1000) // 1000
