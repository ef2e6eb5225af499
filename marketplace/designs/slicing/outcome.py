"""What a slicer says, and how it may fail. No Django."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SliceSettings:
    """What a design is sliced for. The material changes the weight alone: density is not the slicer's."""

    layer_um: int
    infill_percent: int


@dataclass(frozen=True)
class SliceOutcome:
    """Print time without heating up, extruded volume, and who says so."""

    seconds: int
    extruded_mm3: float
    slicer: str
    version: str


class SliceFailed(Exception):
    """No figures came of it; the sentence says why. Whoever asked goes on by geometry."""
