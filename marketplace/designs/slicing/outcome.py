"""What a design is sliced for, what a slicer says, and how it may fail. No Django."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.designs.mesh.materials import MaterialClass


@dataclass(frozen=True)
class SliceSettings:
    """What a design is sliced for. Within its class the material changes the weight alone: density is not the
    slicer's."""

    layer_um: int
    infill_percent: int
    material_class: MaterialClass = MaterialClass.ORDINARY


@dataclass(frozen=True)
class SliceOutcome:
    """Print time without heating up, extruded volume, who says so, and by which profile."""

    seconds: int
    extruded_mm3: float
    slicer: str
    version: str
    profile: str


class SliceFailed(Exception):
    """No figures came of it; the sentence says why. Whoever asked goes on by geometry."""
