"""Whether a printer's heaters do as they are told: the agent's own watch, beside that of the firmware.

It adds up the time between samples, by a clock that is never set back, and only between samples that are
close together: neither a clock that jumps nor an agent that was asleep can raise an alarm or hide one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from provider_agent.drivers.base import Snapshot
from provider_agent.slicing.materials import Settings

GAP_SECONDS = 30.0
"""Samples further apart say nothing of the time between them."""
OVER_C, CLIMB_C, COOLING_C = 15.0, 5.0, 0.5
CLIMB_SECONDS, OVER_SECONDS = 2.0, 30.0
NEAR_C, RISE_C, SAG_C = 5.0, 2.0, 20.0
STUCK_SECONDS, SAG_SECONDS, REACH_SECONDS = 120.0, 45.0, 1800.0


@dataclass
class _Heater:
    """What has been seen of one heater, in degrees Celsius, and for how many seconds."""

    name: str
    limit_c: float
    target_c: float = 0.0
    reached: bool = False
    best_c: float = 0.0
    stuck_s: float = 0.0
    heating_s: float = 0.0
    sagging_s: float = 0.0
    coolest_c: float | None = None
    over_s: float = 0.0

    def problem(self, now_c: float | None, target_c: float | None, passed_s: float) -> str | None:
        """Why it must not go on, if so."""
        if now_c is None:
            return None
        if too_hot := self._over(now_c, passed_s):
            return too_hot
        if target_c is None:
            return None
        if abs(target_c - self.target_c) >= RISE_C:
            self.target_c, self.reached, self.best_c = target_c, False, now_c
            self.stuck_s = self.heating_s = self.sagging_s = 0.0
        if not self.target_c:
            return None
        self.reached = self.reached or now_c >= self.target_c - NEAR_C
        return self._sagging(now_c, passed_s) or (None if self.reached else self._heating(now_c, passed_s))

    def _over(self, now_c: float, passed_s: float) -> str | None:
        """Beyond the limit and not cooling: what was hotter before may take its time to come down."""
        cooling = self.coolest_c is None or now_c <= self.coolest_c - COOLING_C
        if now_c <= self.limit_c + OVER_C or cooling:
            self.coolest_c = now_c if self.coolest_c is None else min(self.coolest_c, now_c)
            self.over_s = 0.0
            return None
        self.over_s += passed_s
        climbs = self.coolest_c is not None and now_c > self.coolest_c + CLIMB_C
        if self.over_s < (CLIMB_SECONDS if climbs else OVER_SECONDS):
            return None
        return f"the {self.name} is at {now_c:.0f} C, its limit is {self.limit_c:.0f} C"

    def _sagging(self, now_c: float, passed_s: float) -> str | None:
        """Fallen off what it had come to, and still wanted."""
        had = self.target_c if self.reached else self.best_c
        if now_c >= had - SAG_C:
            self.sagging_s = 0.0
            return None
        self.sagging_s += passed_s
        if self.sagging_s < SAG_SECONDS:
            return None
        return f"the {self.name} fell to {now_c:.0f} C while heated to {self.target_c:.0f} C"

    def _heating(self, now_c: float, passed_s: float) -> str | None:
        """On its way up: it has to rise, and to arrive."""
        self.heating_s += passed_s
        self.stuck_s += passed_s
        if now_c >= self.best_c + RISE_C:
            self.best_c, self.stuck_s = now_c, 0.0
        if self.stuck_s >= STUCK_SECONDS:
            return f"the {self.name} stays at {now_c:.0f} C while heated to {self.target_c:.0f} C"
        if self.heating_s >= REACH_SECONDS:
            return (
                f"the {self.name} did not come to {self.target_c:.0f} C in {REACH_SECONDS / 60:.0f} minutes"
            )
        return None


class HeatWatch:
    """Both heaters during one print of one material. `clock` counts seconds."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: float | None = None
        self._nozzle = _Heater("nozzle", settings.nozzle_c)
        self._bed = _Heater("bed", settings.bed_c)

    def problem(self, snapshot: Snapshot) -> str | None:
        """One more sample of a print in hand: why it has to be stopped at once, if so."""
        now, before = self._clock(), self._at
        self._at = now
        passed = 0.0 if before is None or not 0 <= now - before <= GAP_SECONDS else now - before
        nozzle = self._nozzle.problem(snapshot.nozzle_c, snapshot.nozzle_target_c, passed)
        bed = self._bed.problem(snapshot.bed_c, snapshot.bed_target_c, passed)
        return nozzle or bed
