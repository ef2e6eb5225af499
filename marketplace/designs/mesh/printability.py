"""What a designer should know before printing a measured model: warnings, never refusals."""

from collections.abc import Iterator
from typing import Final

from marketplace.designs.mesh.measurement import Finding, Measurement, Severity

SMALL_UM: Final = 3_000
TALL_AND_THIN: Final = 6
OVERHANG_MM2: Final = 25
BED_CONTACT_SHARE: Final = 0.02


def findings_of(model: Measurement) -> tuple[Finding, ...]:
    return (*_surface(model), *_shape(model))


def _surface(model: Measurement) -> Iterator[Finding]:
    if not model.watertight:
        yield _warning(
            "not-watertight",
            "The surface has holes or edges shared by more than two facets. Slicers guess how to close small "
            "holes; volume and estimate are approximate. Repair the model to be sure.",
        )
    if not model.winding_consistent:
        yield _warning(
            "winding", "Some facets face inwards. Recalculate the normals outwards before printing."
        )
    elif model.inside_out:
        yield _info("inside-out", "All facets face inwards; the model is read as if turned right side out.")
    if model.degenerate_triangles:
        yield _info("degenerate", f"{model.degenerate_triangles:,} facets without area were ignored.")
    if model.bodies > 1:
        yield _info("several-bodies", f"The model has {model.bodies:,} separate bodies, printed together.")


def _shape(model: Measurement) -> Iterator[Finding]:
    x, y, z = model.size_um
    if max(model.size_um) < SMALL_UM:
        yield _warning(
            "very-small",
            f"The longest side is {max(model.size_um) / 1000:.2f} mm. STL has no units and is read in "
            "millimetres: was it exported in inches or metres?",
        )
    if model.overhang_mm2 > OVERHANG_MM2:
        yield _info(
            "overhang",
            f"{model.overhang_mm2 / 100:.1f} cm² hang over by more than 45 degrees and may need support "
            "material. Another orientation may avoid it.",
        )
    if z > TALL_AND_THIN * max(1, min(x, y)):
        yield _warning(
            "tall-and-thin", "The model is tall and thin and may topple. Lay it down or add a foot."
        )
    if model.bed_contact_mm2 * 1e6 < BED_CONTACT_SHARE * x * y:
        yield _warning(
            "little-bed-contact",
            f"Only {model.bed_contact_mm2:.1f} mm² touch the print bed. Lay the model on a flat face, "
            "or expect a brim.",
        )


def _warning(code: str, message: str) -> Finding:
    return Finding(code, Severity.WARNING, message)


def _info(code: str, message: str) -> Finding:
    return Finding(code, Severity.INFO, message)
