"""What to slice for, and what came of it. Lengths in micrometres."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from protocol.canonical import json_digest
from protocol.units import Digest
from provider_agent.slicing.errors import ProfileRefused
from provider_agent.slicing.materials import MATERIALS, Settings

INFILL_PERCENT = range(0, 101)


@dataclass(frozen=True)
class SliceProfile:
    """A provider's printer and a job's wishes, all that decides the G-code besides the model itself.

    Raises ProfileRefused for an unknown material, a layer no nozzle of that size lays, an infill beyond
    0..100.
    """

    bed_um: tuple[int, int, int]
    nozzle_um: int
    layer_um: int
    material: str
    infill_percent: int
    filament_um: int = 1750
    print_mm_s: int = 60
    travel_mm_s: int = 150
    acceleration_mm_s2: int = 1500

    def __post_init__(self) -> None:
        if self.material not in MATERIALS:
            known = ", ".join(sorted(MATERIALS))
            raise ProfileRefused(f"no slicing temperatures for {self.material}; known: {known}")
        if not self.nozzle_um * 0.1 <= self.layer_um <= self.nozzle_um * 0.8:
            raise ProfileRefused(
                f"a {self.nozzle_um / 1000:g} mm nozzle cannot lay {self.layer_um / 1000:g} mm layers; "
                "choose a layer between 10 and 80 % of the nozzle"
            )
        if self.infill_percent not in INFILL_PERCENT:
            raise ProfileRefused(f"infill of {self.infill_percent} % is not within 0 to 100 %")

    @property
    def settings(self) -> Settings:
        """Temperatures and density of the material."""
        return MATERIALS[self.material]

    def to_json(self) -> dict[str, Any]:
        """What `digest` covers: every member, and the material's settings as they are now."""
        members = asdict(self)
        members["bed_um"] = list(self.bed_um)
        return members | {"settings": asdict(self.settings)}

    def digest(self) -> Digest:
        """Keccak-256 of the canonical JSON."""
        return json_digest(self.to_json())


@dataclass(frozen=True)
class Sliced:
    """A sliced model. `digest` is Keccak-256 and `sha256` the SHA-256 (64 hex) of the G-code's bytes.

    `print_seconds` is the slicer's own forecast, optimistic by 20 % and more on some machines.
    """

    path: Path
    digest: Digest
    sha256: str
    size: int
    slicer: str
    slicer_version: str
    profile_digest: Digest
    print_seconds: int
    filament_mm: float
    grams: float
    layers: int
