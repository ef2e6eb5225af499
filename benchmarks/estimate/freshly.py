"""How far off the model is, as it stands, on the fresh parts: nothing is tuned on them. What the background
slice is compared with is a slice of the original, whole part.

Ordinary parts are compared at the usual settings and at others, those of many facets at others alone; what
corrects geometry is the background slice at the usual settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp
from statistics import mean, median

from benchmarks.estimate.comparing import Point, by_totals
from benchmarks.estimate.fitting import Sample
from benchmarks.estimate.fresh import FINE, FreshPart, fresh_parts
from benchmarks.estimate.truth import USUAL, kept, sliced
from marketplace.designs.mesh.estimate import Settings, Slice, Source, Wanted, expected_copy
from marketplace.designs.mesh.fitted import CONSTANTS, Factor
from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.materials import MaterialClass
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import Measurement, ModelRefused
from marketplace.designs.mesh.printing import Copy
from marketplace.designs.mesh.rough_file import MOST_FACETS
from marketplace.designs.slicing.outcome import SliceOutcome, SliceSettings
from slicers import cura

SOFT = SliceSettings(USUAL.layer_um, USUAL.infill_percent, MaterialClass.FLEXIBLE)


@dataclass
class Freshly:
    """What was found. `fine` are those of `sliced` whose facets the background slice thins out; `totals` is
    geometry as for a model measured before layers were; of cura-wasm, unmultiplied, the
    points of number 0 give the factor and those of number 1 the errors."""

    geometry: list[Point] = field(default_factory=list)
    scaled: list[Point] = field(default_factory=list)
    sliced: list[Point] = field(default_factory=list)
    fine: list[Point] = field(default_factory=list)
    totals: list[Point] = field(default_factory=list)
    soft: list[Point] = field(default_factory=list)
    soft_scaled: list[Point] = field(default_factory=list)
    cura_factor: list[Point] = field(default_factory=list)
    cura_sliced: list[Point] = field(default_factory=list)
    cura_scaled: list[Point] = field(default_factory=list)
    cura_geometry: list[Point] = field(default_factory=list)
    parts: int = 0
    fine_parts: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def factor(self) -> Factor:
        """What cura-wasm's figures are multiplied by: the medians of the first of each kind, where these
        bring the second of each kind nearer to PrusaSlicer, else 1."""
        medians, told = self.medians, self.cura_sliced
        moved = times(told, medians)
        time = _mean(each.time for each in moved) < _mean(each.time for each in told)
        material = _mean(each.material for each in moved) < _mean(each.material for each in told)
        return Factor(medians.time if time else 1.0, medians.material if material else 1.0)

    @property
    def medians(self) -> Factor:
        """What would make cura-wasm's figures PrusaSlicer's. Raises StatisticsError without points."""
        points = self.cura_factor
        return Factor(
            time=round(exp(-median(each.time for each in points)), 3),
            material=round(exp(-median(each.material for each in points)), 3),
        )

    @property
    def by_source(self) -> dict[Source, list[Point]]:
        return {Source.GEOMETRY: self.geometry, Source.SCALED: self.scaled, Source.SLICED: self.sliced}


def freshly() -> Freshly:
    """Of all the fresh parts."""
    found = Freshly()
    for part in fresh_parts():
        model = measured(part)
        if model is None:
            found.failed.append(f"{part.name}: refused when measured")
            continue
        found.parts += 1
        found.fine_parts += model.triangles > MOST_FACETS
        _compare(part, model, found)
    return found


def _compare(part: FreshPart, model: Measurement, found: Freshly) -> None:
    by_usual = sliced(part.rough(), USUAL)
    for how in part.settings:
        if how == USUAL and part.kind in FINE:
            continue
        truth, background = sliced(part.stl(), how), sliced(part.rough(), how)
        if truth is None or background is None or by_usual is None:
            found.failed.append(f"{part.name}: PrusaSlicer failed at {how.layer_um} um")
            continue
        sample = Sample(part.name, part.kind, True, model, how, truth)
        found.geometry.append(_point(sample, ()))
        found.totals.append(Point(sample, by_totals(CONSTANTS)(sample)))
        found.sliced.append(_point(sample, (_slice(how, background),)))
        if model.triangles > MOST_FACETS:
            found.fine.append(found.sliced[-1])
        if how != USUAL:
            found.scaled.append(_point(sample, (_slice(USUAL, by_usual),)))
    if part.kind not in FINE and part.number <= 1 and by_usual is not None:
        _compare_others(part, model, by_usual, found)


def _compare_others(part: FreshPart, model: Measurement, by_usual: SliceOutcome, found: Freshly) -> None:
    """The other slicer, and the other class of material."""
    other = part.settings[1]
    truth, by_cura = sliced(part.stl(), other), sliced(part.rough(), other, cura.NAME)
    if truth is not None and by_cura is not None:
        here = Sample(part.name, part.kind, True, model, other, truth)
        usual = Sample(part.name, part.kind, True, model, USUAL, by_usual)
        said = _slice(other, by_cura)
        if part.number == 0:
            found.cura_factor.append(_point(here, (said,)))
        else:
            found.cura_geometry.append(_point(here, ()))
            found.cura_sliced.append(_point(here, (said,)))
            found.cura_scaled.append(_point(usual, (said,)))
    if part.number == 0 and (soft := sliced(part.stl(), SOFT)) is not None:
        sample = Sample(part.name, part.kind, True, model, SOFT, soft)
        found.soft.append(_point(sample, ()))
        found.soft_scaled.append(_point(sample, (_slice(USUAL, by_usual),)))


def _point(sample: Sample, slices: tuple[Slice, ...]) -> Point:
    """As the marketplace estimates it."""
    material = "PLA" if sample.how.material_class is MaterialClass.ORDINARY else "TPU"
    how = Settings(material, sample.how.layer_um, sample.how.infill_percent)
    return Point(sample, expected_copy(Wanted(sample.model, 1, how, slices))[0])


def _slice(how: SliceSettings, said: SliceOutcome) -> Slice:
    return Slice(how.layer_um, how.infill_percent, said.seconds, said.extruded_mm3, how.material_class)


def times(points: Sequence[Point], factor: Factor) -> list[Point]:
    """The points of a slicer that counts otherwise."""
    return [
        Point(each.sample, Copy(each.copy.seconds * factor.time, each.copy.mm3 * factor.material))
        for each in points
    ]


def _mean(logarithms: Iterable[float]) -> float:
    return mean(abs(each) for each in logarithms)


def measured(part: FreshPart) -> Measurement | None:
    """As kept in .infill/, else measured now; None where it is refused."""

    def made() -> bytes:
        part.stl()
        try:
            return json.dumps(measure(load(part.path, Limits())).to_json()).encode()
        except ModelRefused:
            return b"null"

    known = json.loads(kept(f"parts/{part.name}.measured.json", made))
    return Measurement.from_json(known) if known else None
