"""What is wrong with a model's surface, in plain words."""

from collections.abc import Iterator
from typing import Final

from marketplace.designs.mesh.findings import Finding, Severity
from marketplace.designs.mesh.measurement import Measurement

OVERLAP: Final = (
    "Have it repaired here, which unites bodies that overlap, or unite them in your modelling program: "
    "Boolean union, Combine or Join."
)
CROSSES_ITSELF: Final = (
    "It is one body that folds through itself, which no repair here can undo. Where it does, make the sweep, "
    "fillet or offset narrower than the bend, or split the body there and unite the pieces (Boolean union, "
    "Combine). Of a mesh without its drawing, Blender's voxel remesh makes a single skin."
)


def about_surface(model: Measurement) -> Iterator[Finding]:
    """Holes, facets that face the wrong way, copies, bodies in bodies."""
    if not model.watertight:
        yield Finding(
            "not-watertight",
            Severity.WARNING,
            "The surface has holes or edges shared by more than two facets. Slicers guess how to close small "
            "holes; volume and estimate are approximate.",
            "Repair the model to be sure.",
        )
    if not model.winding_consistent:
        yield Finding(
            "winding",
            Severity.WARNING,
            "Some facets face inwards.",
            "Recalculate the normals outwards before printing.",
        )
    elif model.inside_out:
        yield Finding(
            "inside-out",
            Severity.INFO,
            "All facets face inwards; the model is read as if turned right side out.",
            "Turn their normals outwards, or have it repaired here.",
        )
    if model.degenerate_triangles:
        yield Finding(
            "degenerate",
            Severity.INFO,
            f"{model.degenerate_triangles:,} facets without area were ignored.",
            "They do no harm. A repaired version is without them.",
        )
    yield from _copies(model)
    yield from _bodies(model)
    yield from _crossings(model)


def _copies(model: Measurement) -> Iterator[Finding]:
    if model.duplicate_bodies:
        yield Finding(
            "duplicate-shell",
            Severity.WARNING,
            f"{model.duplicate_bodies:,} bodies are there twice in the same place; they were measured once.",
            "Delete the copies before printing: slicers differ in what they make of them.",
        )
    elif model.duplicate_triangles:
        yield Finding(
            "duplicate-facets",
            Severity.INFO,
            f"{model.duplicate_triangles:,} facets are there twice and were measured once.",
            "Remove double facets in your modelling program.",
        )


def _bodies(model: Measurement) -> Iterator[Finding]:
    if model.bodies > 1:
        yield Finding(
            "several-bodies",
            Severity.INFO,
            f"The model has {model.bodies:,} separate bodies, printed together.",
            "If they are parts of their own, upload each by itself, or all in one zip.",
        )
    if model.cavities:
        yield Finding(
            "cavity",
            Severity.INFO,
            f"{model.cavities:,} of the bodies are closed hollows inside the part: what is in them, such as "
            "support or resin, stays there.",
            "Add a hole if they must be emptied.",
        )
    if model.inverted_bodies:
        yield Finding(
            "inverted-shell",
            Severity.PROBLEM,
            f"{model.inverted_bodies:,} bodies face inwards and are no hollow of another one: slicers may "
            "leave them out, and the volume is too small.",
            "Turn their normals outwards.",
        )
    if model.swallowed_bodies:
        yield Finding(
            "swallowed-shell",
            Severity.WARNING,
            f"{model.swallowed_bodies:,} bodies lie inside the material of another one; the volume counts "
            "them twice.",
            "Delete them, or turn them inside out if they are to be hollows.",
        )


def _crossings(model: Measurement) -> Iterator[Finding]:
    sampled = model.self_intersections is not None and not model.intersections_complete
    if model.self_intersections:
        yield Finding(
            "self-intersection",
            Severity.WARNING,
            f"The surface runs through itself: {'at least ' if sampled else ''}{model.self_intersections:,} "
            "pairs of facets cross or cover one another. Slicers guess what is inside.",
            CROSSES_ITSELF if model.bodies == 1 else OVERLAP,
        )
    elif sampled:
        yield Finding(
            "intersections-sampled",
            Severity.INFO,
            "The model is so fine or so tangled that only a selection of its facets was compared: none of "
            "those cross.",
            "Export it with a coarser tolerance to have all of them compared.",
        )
