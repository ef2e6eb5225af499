"""What both slicers are told alike: first layer, shells, speeds, and the G-code around the print.
Millimetres."""

from __future__ import annotations

import math
from dataclasses import dataclass

from provider_agent.slicing.profile import SliceProfile

SHELL_MM = 0.8
WALLS = 2
SKIRT_ROOM_UM = 20_000
SKIRT_GAP_MM = 3.0
FIRST_LAYER_MM = 0.2
RETRACTION_MM = 1.5
RETRACTION_MM_S = 35
PRIME_MM = 6.0
LIFT_MM = 5.0
OVERHANG_DEGREES = 50


@dataclass(frozen=True)
class Recipe:
    """A profile and the size of one model, and what follows from the two."""

    profile: SliceProfile
    size_um: tuple[int, int, int]

    @property
    def layer_mm(self) -> float:
        """Height of every layer but the first."""
        return self.profile.layer_um / 1000

    @property
    def first_layer_mm(self) -> float:
        """Thin layers stick badly, so the first is no thinner than 0.2 mm, as far as the nozzle allows."""
        return max(self.layer_mm, min(FIRST_LAYER_MM, self.profile.nozzle_um * 0.0006))

    @property
    def shell_layers(self) -> int:
        """Solid layers at top and bottom."""
        return math.ceil(SHELL_MM / self.layer_mm - 1e-9)

    @property
    def skirt(self) -> bool:
        """Whether there is room for a line around the part."""
        bed, size = self.profile.bed_um, self.size_um
        return bed[0] - size[0] >= SKIRT_ROOM_UM and bed[1] - size[1] >= SKIRT_ROOM_UM

    @property
    def centre_mm(self) -> tuple[float, float]:
        """The middle of the bed."""
        return self.profile.bed_um[0] / 2000, self.profile.bed_um[1] / 2000

    @property
    def wall_mm_s(self) -> float:
        """Outer walls and solid layers go slower, for looks."""
        return self.profile.print_mm_s * 0.6

    def start_gcode(self) -> str:
        """Heat, home, and prime on the spot."""
        settings = self.profile.settings
        return "\n".join(
            (
                "G21",
                "G90",
                "M82",
                f"M140 S{settings.bed_c}",
                f"M104 S{settings.nozzle_c}",
                "G28",
                "G1 Z5 F600",
                f"M190 S{settings.bed_c}",
                f"M109 S{settings.nozzle_c}",
                "G92 E0",
                f"G1 E{PRIME_MM:g} F200",
                "G92 E0",
            )
        )

    def end_gcode(self) -> str:
        """Retract, lift as far as there is room, heaters and motors off, the plate to the front."""
        lift = max(0.0, min(LIFT_MM, (self.profile.bed_um[2] - self.size_um[2]) / 1000 - 1))
        return "\n".join(
            (
                "G91",
                f"G1 E-{RETRACTION_MM:g} F{RETRACTION_MM_S * 60}",
                f"G1 Z{lift:g} F600",
                "G90",
                f"G1 X0 Y{self.profile.bed_um[1] / 1000:g} F6000",
                "M104 S0",
                "M140 S0",
                "M107",
                "M84",
            )
        )
