"""What one print has used and touched so far."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from provider_agent.drivers.virtual.motion import Plan
from provider_agent.drivers.virtual.steps import E, Floats, X, Y, Z

Box = tuple[tuple[int, int, int], tuple[int, int, int]]


@dataclass
class Tally:
    """Filament in mm (net of retraction), machine seconds, layers and the box of everything laid down, in
    micrometres.

    A layer is a height at which filament was laid down along a path; priming on the spot is none.
    """

    seconds: float = 0.0
    extruded_mm: float = 0.0
    heights_um: set[int] = field(default_factory=set)
    _low: Floats | None = None
    _high: Floats | None = None

    @property
    def layers(self) -> int:
        """How many layers have been laid down or begun."""
        return len(self.heights_um)

    @property
    def box_um(self) -> Box | None:
        """Opposite corners of what was laid down, None before anything was."""
        if self._low is None or self._high is None:
            return None
        return _corner(self._low), _corner(self._high)

    def count(self, plan: Plan, first: int, last: int) -> None:
        """Add the moves `first` up to `last` (not included) of a plan, once they are complete."""
        change = np.diff(plan.places[first : last + 1], axis=0)
        laid = (change[:, E] > 0) & ((change[:, X] != 0) | (change[:, Y] != 0))
        if not laid.any():
            return
        ends = np.concatenate([plan.places[first:last][laid], plan.places[first + 1 : last + 1][laid]])[:, :E]
        low, high = ends.min(axis=0), ends.max(axis=0)
        self._low = low if self._low is None else np.minimum(self._low, low)
        self._high = high if self._high is None else np.maximum(self._high, high)
        heights = plan.places[first + 1 : last + 1][laid][:, Z]
        self.heights_um.update(int(z) for z in np.unique(np.round(heights * 1000)))


def _corner(place: Floats) -> tuple[int, int, int]:
    x, y, z = (round(float(value) * 1000) for value in place)
    return x, y, z
