"""A step being carried out: each takes machine time and says when it is done."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from provider_agent.drivers.virtual.motion import Plan
from provider_agent.drivers.virtual.steps import Floats
from provider_agent.drivers.virtual.tally import Tally
from provider_agent.drivers.virtual.thermal import HeatedPart


class Task(Protocol):
    """Something the machine is busy with."""

    def remaining(self) -> float:
        """Machine seconds until done; infinite if it depends on something that does not come."""

    def to_rest(self) -> float:
        """Machine seconds until it can be interrupted."""

    def run(self, seconds: float) -> None:
        """Let this much time pass, at most `remaining()`."""


@dataclass
class Standing:
    """Dwelling, or homing."""

    seconds: float

    def remaining(self) -> float:
        return self.seconds

    def to_rest(self) -> float:
        return 0.0

    def run(self, seconds: float) -> None:
        self.seconds -= seconds


@dataclass
class Warming:
    """Waiting for a heater. Time passes in the heater itself."""

    part: HeatedPart

    def remaining(self) -> float:
        return self.part.seconds_to_target() if self.part.target_c > self.part.ambient_c else 0.0

    def to_rest(self) -> float:
        return 0.0

    def run(self, seconds: float) -> None:
        return None


@dataclass
class Moving:
    """Following a plan."""

    plan: Plan
    tally: Tally
    time: float = 0.0

    @property
    def place(self) -> Floats:
        """X, Y, Z and filament in mm now."""
        return self.plan.place(self.time)

    def remaining(self) -> float:
        return self.plan.seconds - self.time

    def to_rest(self) -> float:
        i = self.plan.index(self.time)
        return float(self.plan.ends[i]) - self.time if i < len(self.plan.ends) else 0.0

    def run(self, seconds: float) -> None:
        first, before = self.plan.index(self.time), self.place[3]
        self.time += seconds
        if math.isclose(self.time, self.plan.seconds, rel_tol=0, abs_tol=1e-9):
            self.time = self.plan.seconds
        self.tally.extruded_mm += float(self.place[3] - before)
        self.tally.count(self.plan, first, self.plan.index(self.time))
