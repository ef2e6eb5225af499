"""What a slicer gave, before it is digested and put in its place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """G-code and the slicer's own figures for it: seconds, millimetres of filament, layers."""

    gcode: Path
    slicer: str
    version: str
    print_seconds: int
    filament_mm: float
    layers: int


def filament_mm(volume_mm3: float, filament_um: int) -> float:
    """Length of filament of this diameter that holds a volume."""
    return volume_mm3 / (math.pi * (filament_um / 2000) ** 2)


def grams(length_mm: float, filament_um: int, density_g_cm3: float) -> float:
    """Mass of a length of filament."""
    return length_mm * math.pi * (filament_um / 2000) ** 2 * density_g_cm3 / 1000
