"""What the background slice of a large model is off: it slices fewer facets than there are."""

from __future__ import annotations

from benchmarks.estimate.shapes import Floats
from benchmarks.estimate.truth import sliced
from marketplace.designs.mesh.rough_file import rough
from marketplace.designs.slicing.outcome import SliceOutcome, SliceSettings


def sliced_roughly(triangles: Floats, how: SliceSettings) -> SliceOutcome | None:
    """As the marketplace does it."""
    return sliced(rough(triangles), how)
