"""The hardware of a virtual machine: two heaters, and a head that is somewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from provider_agent.drivers.virtual.definition import MachineDefinition
from provider_agent.drivers.virtual.steps import Floats
from provider_agent.drivers.virtual.thermal import HeatedPart

NOZZLE_CEILING_C = 400.0
BED_CEILING_C = 160.0


@dataclass
class Parts:
    """`place` is X, Y, Z and filament in mm; `homed` the axes whose zero is known."""

    nozzle: HeatedPart
    bed: HeatedPart
    place: Floats = field(default_factory=lambda: np.zeros(4))
    homed: set[int] = field(default_factory=set)

    def advance(self, seconds: float) -> None:
        """Let heat come and go for this long."""
        self.nozzle.advance(seconds)
        self.bed.advance(seconds)

    def runaway(self) -> str | None:
        """Why firmware would shut down now."""
        return self.nozzle.runaway() or self.bed.runaway()

    def power_off(self) -> None:
        """Heaters off, and the motors let go of the head."""
        self.nozzle.aim(0.0)
        self.bed.aim(0.0)
        self.homed.clear()

    def repair(self) -> None:
        """Everything works again."""
        self.nozzle.broken = self.bed.broken = False
        self.nozzle.stuck = self.bed.stuck = False


def parts_for(definition: MachineDefinition) -> Parts:
    """A cold machine at its zero, not homed."""
    ambient = definition.ambient_c
    nozzle = HeatedPart(
        "nozzle", NOZZLE_CEILING_C, definition.nozzle_tau_s, ambient, definition.nozzle_limit_c, ambient
    )
    bed = HeatedPart("bed", BED_CEILING_C, definition.bed_tau_s, ambient, definition.bed_limit_c, ambient)
    return Parts(nozzle, bed)
