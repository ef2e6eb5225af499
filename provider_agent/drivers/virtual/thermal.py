"""A heater as a first-order system: exact between any two moments, so a tick may be as long as it likes."""

from __future__ import annotations

import math
from dataclasses import dataclass

STUCK_SECONDS = 60.0
STUCK_RISE_C = 2.0
SAG_C = 15.0


@dataclass
class HeatedPart:
    """Nozzle or bed, in degrees Celsius and seconds.

    At full power it tends to `ceiling_c`, unheated to `ambient_c`, each with the time constant `tau_s`.
    `broken`: the element gives no heat, whatever is asked; `stuck`: full heat, whatever is asked.
    """

    name: str
    ceiling_c: float
    tau_s: float
    ambient_c: float
    limit_c: float
    now_c: float
    target_c: float = 0.0
    broken: bool = False
    stuck: bool = False
    reached: bool = False
    _best_c: float = 0.0
    _since_rise_s: float = 0.0

    def aim(self, target_c: float) -> None:
        """Set the target; 0 is off."""
        self.target_c = target_c
        self.reached = self.now_c >= target_c
        self._best_c, self._since_rise_s = self.now_c, 0.0

    def seconds_to_target(self) -> float:
        """How long until the target is reached from above or below; infinite if never."""
        if self.stuck:
            return math.inf
        if self._at_target():
            return 0.0
        gap, left = self.now_c - self._drive(), self.target_c - self._drive()
        if gap * left <= 0 or abs(left) > abs(gap):
            return math.inf
        return self.tau_s * math.log(gap / left)

    def advance(self, seconds: float) -> None:
        """Let this much time pass."""
        if self.seconds_to_target() <= seconds and not (self.broken and self._wanted()):
            self.now_c, self.reached = self.target_c, True
        else:
            drive = self._drive()
            self.now_c = drive + (self.now_c - drive) * math.exp(-seconds / self.tau_s)
        self._watch(seconds)

    def runaway(self) -> str | None:
        """Why firmware would shut down now: heated without rising, or fallen off a target once reached."""
        if not self._wanted():
            return None
        if self.reached and self.now_c < self.target_c - SAG_C:
            return f"thermal runaway: {self.name} fell to {self.now_c:.0f} C of {self.target_c:.0f} C"
        if not self.reached and self._since_rise_s > STUCK_SECONDS:
            return f"thermal runaway: {self.name} stays at {self.now_c:.0f} C of {self.target_c:.0f} C"
        return None

    def _wanted(self) -> bool:
        return self.target_c > self.ambient_c

    def _at_target(self) -> bool:
        """Exactly: `advance` puts it there, so that no cut of time gets there sooner."""
        return self.now_c == self.target_c

    def _drive(self) -> float:
        """The temperature this part tends to now."""
        heated = self._wanted() and self.target_c >= self.now_c - 0.01 and not self.broken
        return self.ceiling_c if heated or self.stuck else self.ambient_c

    def _watch(self, seconds: float) -> None:
        if self.now_c >= self._best_c + STUCK_RISE_C:
            self._best_c, self._since_rise_s = self.now_c, 0.0
        else:
            self._since_rise_s += seconds
