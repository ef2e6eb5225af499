"""How long a job takes on a printer and how much material it needs, from the spec's measurements (pure).

The shell model: walls follow the surface, the rest is filled to the wanted share, each layer costs time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from protocol.jobspec import JobSpec, Part

LINE_WIDTH_MM = 0.45
WALL_LINES = 2
FACING_SHARE = 0.85
"""The mean of sqrt(1 - nz^2) over a part's surface: how much of it stands upright and so gets walls."""
SECONDS_A_LAYER = 2.5
WARM_UP_SECONDS = 240
GRAMS_A_MM3 = {
    "PLA": 0.00124,
    "PETG": 0.00127,
    "ABS": 0.00104,
    "ASA": 0.00107,
    "TPU": 0.00121,
    "PA": 0.00114,
    "PC": 0.0012,
}
DENSEST = max(GRAMS_A_MM3.values())


@dataclass(frozen=True)
class Estimate:
    """For the whole quantity: machine seconds, prints to start, and milligrams of each kind of material."""

    seconds: int
    milligrams: dict[str, int]
    prints: int

    def at(self, pace: float) -> Estimate:
        """The same on a printer that takes `pace` times as long."""
        return replace(self, seconds=ceil(self.seconds * pace))


def estimate(spec: JobSpec, speed_mm_s: float) -> Estimate:
    """What all units of a job take on a printer whose head moves at this speed while extruding."""
    seconds, prints, milligrams = 0, 0, dict[str, float]()
    for part in spec.parts:
        copies = part.copies * spec.quantity
        volume = extruded_mm3(part)
        density = GRAMS_A_MM3.get(part.material.upper(), DENSEST)
        seconds += copies * ceil(print_seconds(part, volume, speed_mm_s))
        prints += copies
        used = copies * volume * density * 1000
        milligrams[part.material] = milligrams.get(part.material, 0.0) + used
    return Estimate(seconds, {kind: ceil(used) for kind, used in milligrams.items()}, prints)


def milligrams_of(part: Part) -> int:
    """Material of one copy, at least one milligram."""
    density = GRAMS_A_MM3.get(part.material.upper(), DENSEST)
    return max(1, ceil(extruded_mm3(part) * density * 1000))


def extruded_mm3(part: Part) -> float:
    """Plastic in one copy: shell plus infill, never more than the part's volume."""
    shell = min(float(part.volume_mm3), part.area_mm2 * WALL_LINES * LINE_WIDTH_MM * FACING_SHARE)
    return shell + (part.volume_mm3 - shell) * part.infill_percent / 100


def print_seconds(part: Part, volume_mm3: float, speed_mm_s: float) -> float:
    """Machine time of one copy, warming up included."""
    flow_mm3_s = LINE_WIDTH_MM * (part.layer_um / 1000) * speed_mm_s
    layers = part.size_um[2] / part.layer_um
    return WARM_UP_SECONDS + volume_mm3 / flow_mm3_s + layers * SECONDS_A_LAYER
