"""What a designer should know before printing a measured model, in plain words: never a refusal."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from marketplace.designs.mesh.findings import Finding, Place, Severity
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.mesh.printability_surface import about_surface
from marketplace.designs.mesh.printability_way import way_up

SMALL_UM: Final = 3_000
TALL_AND_THIN: Final = 6
OVERHANG_MM2: Final = 25
BED_CONTACT_SHARE: Final = 0.02
# A block six times as high as it is wide falls when it leans further than this.
UNSTEADY_DEGREES: Final = math.degrees(math.atan(1 / TALL_AND_THIN))
OUTSIDE_UM: Final = -50
NO_BETTER: Final = (
    "No other way up does much better: expect marks of support there, or draw slopes of 45 degrees."
)


def findings_of(model: Measurement, places: Mapping[str, Place] | None = None) -> tuple[Finding, ...]:
    """Everything worth saying about `model`; `places` tells where on it each code applies."""
    known = places or {}
    found = (*about_surface(model), *_size(model), *_standing(model), *way_up(model))
    return tuple(replace(each, place=known.get(each.code)) for each in found)


def _size(model: Measurement) -> Iterator[Finding]:
    nozzle = model.nozzle_um
    if max(model.size_um) < SMALL_UM:
        yield Finding(
            "very-small",
            Severity.WARNING,
            f"The longest side is {max(model.size_um) / 1000:.2f} mm.",
            "Was it drawn in inches or metres? Then have it read in that unit.",
        )
    if model.smallest_body_um is not None and model.smallest_body_um < nozzle:
        yield Finding(
            "tiny-bodies",
            Severity.WARNING,
            f"A separate body is only {model.smallest_body_um / 1000:.2f} mm long, less than the "
            f"{nozzle / 1000:g} mm of a nozzle.",
            "Remove it, or make it larger: a printer leaves it out or smears it.",
        )
    yield from _walls(model, nozzle)
    if model.gap_um is not None and model.gap_um < nozzle:
        yield Finding(
            "narrow-gap",
            Severity.WARNING,
            f"A gap is only {model.gap_um / 1000:.2f} mm wide: the two sides will fuse.",
            f"Widen it to {nozzle / 1000:g} mm or more, or close it.",
        )


def _walls(model: Measurement, nozzle: int) -> Iterator[Finding]:
    if model.thinnest_um is None or model.thinnest_um >= 2 * nozzle:
        return
    thin = model.thinnest_um / 1000
    if model.thinnest_um < nozzle:
        yield Finding(
            "wall-below-nozzle",
            Severity.PROBLEM,
            f"The thinnest wall found is {thin:.2f} mm, less than the {nozzle / 1000:g} mm of a nozzle: "
            "it will have holes or be left out.",
            f"Make it {2 * nozzle / 1000:g} mm or thicker.",
        )
    else:
        yield Finding(
            "thin-wall",
            Severity.WARNING,
            f"The thinnest wall found is {thin:.2f} mm, a single line of a {nozzle / 1000:g} mm nozzle: "
            "it will be weak.",
            f"Make it {2 * nozzle / 1000:g} mm or thicker if it has to carry anything.",
        )


def _standing(model: Measurement) -> Iterator[Finding]:
    x, y, z = model.size_um
    tall = z > TALL_AND_THIN * max(1, min(x, y))
    falls = model.watertight and model.balance_um is not None and model.balance_um < OUTSIDE_UM
    if model.overhang_mm2 > OVERHANG_MM2:
        yield Finding(
            "overhang",
            Severity.INFO,
            f"{model.overhang_mm2 / 100:.1f} cm² hang over by more than 45 degrees" + _support(model),
            "Another orientation may avoid it." if model.turning else NO_BETTER,
        )
    if falls:
        yield Finding(
            "falls-over",
            Severity.PROBLEM,
            f"The centre of mass is {-(model.balance_um or 0) / 1000:.1f} mm outside of what the model "
            "stands on: it falls over while it is printed.",
            "Turn it, widen its foot, or print it with support.",
        )
    if tall:
        yield Finding(
            "tall-and-thin",
            Severity.WARNING,
            "The model is tall and thin and may topple.",
            "Lay it down or add a foot.",
        )
    elif model.tilt_degrees is not None and not falls and model.tilt_degrees < UNSTEADY_DEGREES:
        yield Finding(
            "unsteady",
            Severity.WARNING,
            _leaning(model.tilt_degrees),
            "Turn it, widen its foot, or print it with a brim.",
        )
    if model.bed_contact_mm2 * 1e6 < BED_CONTACT_SHARE * x * y:
        yield Finding(
            "little-bed-contact",
            Severity.WARNING,
            _touching(model.bed_contact_mm2),
            "Lay the model on a flat face, or expect a brim.",
        )


def _leaning(degrees: float) -> str:
    if degrees < 0.05:
        return "The model stands on a point or an edge: it falls over at a touch."
    return f"Leaning by {degrees:.1f} degrees, the model falls over."


def _touching(mm2: float) -> str:
    much = "Less than 0.1" if mm2 < 0.05 else f"Only {mm2:.1f}"
    return f"{much} mm² touch the print bed."


def _support(model: Measurement) -> str:
    if model.support_mm3 is None:
        return " and may need support material."
    return f" and may need up to {model.support_mm3 / 1000:.1f} cm³ of support below."
