"""What a slicer gave."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from slicers.errors import SlicerFailed


@dataclass(frozen=True)
class Outcome:
    """G-code and the slicer's own figures for it: seconds, millimetres of filament, layers."""

    gcode: Path
    slicer: str
    version: str
    print_seconds: int
    filament_mm: float
    layers: int

    def checked(self) -> Outcome:
        """Itself. Raises SlicerFailed where nothing is printed."""
        if self.layers == 0 or self.filament_mm <= 0:
            raise SlicerFailed(f"{self.slicer} found nothing to print; is the part thinner than one line?")
        return self


def filament_mm(volume_mm3: float, filament_um: int) -> float:
    """Length of filament of this diameter that holds a volume."""
    return volume_mm3 / (math.pi * (filament_um / 2000) ** 2)


def volume_mm3(length_mm: float, filament_um: int) -> float:
    """Volume of a length of filament."""
    return length_mm * math.pi * (filament_um / 2000) ** 2


def grams(length_mm: float, filament_um: int, density_g_cm3: float) -> float:
    """Mass of a length of filament."""
    return volume_mm3(length_mm, filament_um) * density_g_cm3 / 1000
