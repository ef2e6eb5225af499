"""What Ada wants made: one set of two parts, each with its own copies and filament."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.binaries import REPOSITORY

INFILL_PERCENT = 20


@dataclass(frozen=True)
class Part:
    """One model of the set and how it is to be printed. The layer in micrometres."""

    file: str
    copies: int
    colour: str
    layer_um: int
    material: str = "PLA"

    @property
    def model(self) -> Path:
        """Its file."""
        return REPOSITORY / "demo" / "models" / self.file

    @property
    def words(self) -> str:
        """For people: `2 x spacer.stl in white PLA, 0.25 mm layers`."""
        filament = f"{self.colour} {self.material}"
        return f"{self.copies} x {self.file} in {filament}, {self.layer_um / 1000:g} mm layers"

    @property
    def how(self) -> dict[str, Any]:
        """How one copy is to be printed, as the API takes it."""
        return {"material": self.material, "layer_um": self.layer_um, "infill_percent": INFILL_PERCENT}

    def asked(self, design: str) -> dict[str, Any]:
        """The part as a job asks for it."""
        return {"design": design, "copies": self.copies, "colour": self.colour, **self.how}


BRACKET, SPACER = Part("bracket.stl", 1, "black", 200), Part("spacer.stl", 2, "white", 250)
PARTS = (BRACKET, SPACER)
