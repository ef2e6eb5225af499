"""A print head that follows allowed commands and refuses to leave its printer's bounds. Millimetres."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from provider_agent.slicing.profile import SliceProfile

SLACK_MM = 0.01
ARC_SLACK_MM, ARC_SLACK_SHARE = 0.05, 0.002
PUSH_MM = 50.0
"""Filament that one move may push or pull without travelling; a line is never thicker than its filament."""
MOST_FEED_MM_MIN = 60_000.0
MOST_DWELL_S = 600.0
X, Y, Z = 0, 1, 2
Words = dict[str, float]


class OutOfBounds(Exception):
    """What a command asks for that the printer may not be asked."""


@dataclass(frozen=True)
class Limits:
    """The room in X, Y and Z from the home corner, and the hottest that nozzle and bed may be asked for."""

    room_mm: tuple[float, float, float]
    nozzle_c: float
    bed_c: float

    @classmethod
    def of(cls, profile: SliceProfile) -> Limits:
        """The bed of the profile's printer and the temperatures of its material."""
        x, y, z = (length / 1000 for length in profile.bed_um)
        return cls((x, y, z), profile.settings.nozzle_c, profile.settings.bed_c)


@dataclass
class Head:
    """Where the head is, as far as every firmware agrees: after homing an axis its place is not known until
    an absolute move. `pushed` is the extruder's own count. `relative` and `relative_e` are None where
    firmware differ, or the program before this one decides.
    """

    limits: Limits
    metric: bool = False
    relative: bool | None = None
    relative_e: bool | None = None
    pushed: float = 0.0
    homed: set[int] = field(default_factory=set)
    place: list[float | None] = field(default_factory=lambda: [None, None, None])
    targets: dict[str, float] = field(default_factory=lambda: {"nozzle": 0.0, "bed": 0.0})
    _said_relative_e: bool | None = None

    def move(
        self, feed: float | None, x: float | None, y: float | None, z: float | None, e: float | None
    ) -> None:
        """G0, G1. Raises OutOfBounds, as all of these do."""
        far = 0.0
        if x is not None:
            far += self._step(X, x)
        if y is not None:
            far += self._step(Y, y)
        if z is not None:
            far += self._step(Z, z)
        if e is not None:
            self._push(e, far)
        if feed is not None:
            self._feed(feed)

    def arc(self, words: Words, *, clockwise: bool) -> None:
        """G2, G3 around a centre given by I and J: the whole way, not its ends alone, is inside."""
        x, y = self.place[X], self.place[Y]
        i, j = words.get("I", 0.0), words.get("J", 0.0)
        radius = math.hypot(i, j)
        if x is None or y is None or not radius:
            raise OutOfBounds("an arc without a known start or a centre")
        for axis, letter in enumerate("XYZ"):
            if letter in words:
                self._step(axis, words[letter])
        end = (self.place[X] or 0.0, self.place[Y] or 0.0)
        far = self._arc_check((x, y), end, (x + i, y + j), radius, clockwise)
        if "E" in words:
            self._push(words["E"], far)
        if "F" in words:
            self._feed(words["F"])

    def home(self, axes: set[int]) -> None:
        """G28."""
        for axis in axes or {X, Y, Z}:
            self.homed.add(axis)
            self.place[axis] = None

    def motors_off(self) -> None:
        """M84: from here on nobody knows where the head is."""
        self.homed.clear()
        self.place = [None, None, None]

    def positioning(self, *, relative: bool) -> None:
        """G90, G91. Some firmware lets them change the extruder's mode too, other firmware does not."""
        if not self.metric:
            raise OutOfBounds("lengths before it is said that they are millimetres (G21)")
        self.relative = relative
        self.relative_e = True if relative else False if self._said_relative_e is False else None

    def extruder(self, *, relative: bool) -> None:
        """M82, M83."""
        self._said_relative_e = relative
        self.relative_e = True if relative else False if self.relative is False else None

    def heat(self, heater: str, target_c: float) -> None:
        """M104, M109, M140, M190; `heater` is "nozzle" or "bed"."""
        most = self.limits.nozzle_c if heater == "nozzle" else self.limits.bed_c
        if not 0 <= target_c <= most:
            raise OutOfBounds(f"{target_c:g} C for the {heater}; the limit is {most:g} C")
        self.targets[heater] = target_c

    def dwell(self, seconds: float) -> None:
        """G4."""
        if not 0 <= seconds <= MOST_DWELL_S:
            raise OutOfBounds(f"a wait of {seconds:g} s; the limit is {MOST_DWELL_S:g} s")

    def _step(self, axis: int, to: float) -> float:
        """Go there along one axis; how far that is, 0 where it is not known."""
        now = self.place[axis]
        if self.relative:
            if now is None:
                raise OutOfBounds(f"a relative move along {'XYZ'[axis]} from a place that is not known")
            to += now
        elif self.relative is None or axis not in self.homed:
            raise OutOfBounds(f"a move along {'XYZ'[axis]} before homing (G28) and G90")
        self._inside(axis, to)
        self.place[axis] = to
        return 0.0 if now is None else abs(to - now)

    def _inside(self, axis: int, to: float) -> None:
        if not -SLACK_MM <= to <= self.limits.room_mm[axis] + SLACK_MM:
            raise OutOfBounds(
                f"a move to {'XYZ'[axis]} = {to:g} mm; the printer has 0 to {self.limits.room_mm[axis]:g} mm"
            )

    def _push(self, to: float, far: float) -> None:
        if self.relative_e is None:
            raise OutOfBounds("filament moved while firmware differ whether E is absolute; say M82 or M83")
        pushed = to if self.relative_e else to - self.pushed
        if not -PUSH_MM <= pushed <= PUSH_MM + far:
            raise OutOfBounds(f"{pushed:g} mm of filament in one move of {far:g} mm")
        self.pushed += pushed

    def _feed(self, feed: float) -> None:
        if not 0 < feed <= MOST_FEED_MM_MIN:
            raise OutOfBounds(f"a speed of {feed:g} mm/min")

    def _arc_check(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        centre: tuple[float, float],
        radius: float,
        clockwise: bool,
    ) -> float:
        """The length of the arc, which is inside."""
        other = math.dist(end, centre)
        slack = max(ARC_SLACK_MM, ARC_SLACK_SHARE * radius)
        if abs(radius - other) > slack:
            raise OutOfBounds("an arc whose ends are not at one distance from its centre")
        first, last = (math.atan2(p[1] - centre[1], p[0] - centre[0]) for p in (start, end))
        sweep = (first - last if clockwise else last - first) % math.tau
        if math.dist(start, end) <= slack:
            # Rounding decides whether firmware takes this for nothing or for a whole circle.
            sweep = math.tau
        wide = max(radius, other)
        for quarter, axis, side in ((0, X, 1), (1, Y, 1), (2, X, -1), (3, Y, -1)):
            angle = quarter * math.pi / 2
            if (first - angle if clockwise else angle - first) % math.tau <= sweep:
                self._inside(axis, centre[axis] + side * wide)
        return wide * sweep
