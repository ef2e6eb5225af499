"""When a machine with limited acceleration is where: trapezoid moves with look-ahead, over whole arrays at
once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from provider_agent.drivers.virtual.steps import E, Floats, Moves


@dataclass(frozen=True)
class MotionLimits:
    """`feed_mm_s` by axis X, Y, Z, E; `jerk_mm_s` the speed step an axis may make at a corner."""

    feed_mm_s: tuple[float, float, float, float]
    jerk_mm_s: float


@dataclass(frozen=True)
class Plan:
    """A chain of moves from rest to rest. Arrays over the moves: speeds in mm/s, `ends` seconds since the
    start; `places` has one row more, (n + 1, 4) mm."""

    places: Floats
    length: Floats
    acceleration: Floats
    entry: Floats
    peak: Floats
    leave: Floats
    ends: Floats

    @property
    def seconds(self) -> float:
        """How long the whole chain takes."""
        return float(self.ends[-1]) if len(self.ends) else 0.0

    def index(self, time: float) -> int:
        """How many moves are complete at this time."""
        return int(np.searchsorted(self.ends, time, side="right"))

    def place(self, time: float) -> Floats:
        """X, Y, Z and filament in mm at this time."""
        i = self.index(time)
        if i >= len(self.ends):
            return np.array(self.places[-1])
        since = time - (self.ends[i - 1] if i else 0.0)
        part = min(1.0, max(0.0, self._travelled(i, since) / self.length[i]))
        return np.array(self.places[i] + part * (self.places[i + 1] - self.places[i]))

    def _travelled(self, i: int, since: float) -> float:
        a, entry, peak, leave = self.acceleration[i], self.entry[i], self.peak[i], self.leave[i]
        rise = (peak - entry) / a
        if since <= rise:
            return float(entry * since + a * since * since / 2)
        whole = self.ends[i] - (self.ends[i - 1] if i else 0.0)
        fall = (peak - leave) / a
        if since <= whole - fall:
            return float((entry + peak) / 2 * rise + peak * (since - rise))
        left = whole - since
        return float(self.length[i] - (leave * left + a * left * left / 2))


def plan(start: Floats, moves: Moves, limits: MotionLimits) -> Plan:
    """Time these moves: each as fast as feed, axis limits, acceleration and its corners allow, at rest at
    both ends."""
    places = np.vstack([start, moves.targets])
    change = np.diff(places, axis=0)
    travel = np.sqrt((change[:, :E] ** 2).sum(axis=1))
    length = np.where(travel > 0, travel, np.abs(change[:, E]))
    real = length > 0
    places = np.vstack([start, moves.targets[real]])
    change, travel, length = change[real], travel[real], length[real]
    acceleration = moves.acceleration[real]
    cruise = _cruise(change, length, moves.feed[real], limits)
    corner = _corner_speeds(_directions(change, travel, length), cruise, limits.jerk_mm_s)
    speeds = _reachable(corner, length, acceleration)
    entry, leave = speeds[:-1], speeds[1:]
    peak = np.minimum(cruise, np.sqrt((entry**2 + leave**2) / 2 + acceleration * length))
    peak = np.maximum(peak, np.maximum(entry, leave))
    ramps = (2 * peak**2 - entry**2 - leave**2) / (2 * acceleration)
    level = np.maximum(0.0, length - ramps) / peak
    times = (2 * peak - entry - leave) / acceleration + level
    return Plan(places, length, acceleration, entry, peak, leave, np.cumsum(times))


def _cruise(change: Floats, length: Floats, feed: Floats, limits: MotionLimits) -> Floats:
    """The feed asked for, lowered where one axis would have to outrun itself."""
    with np.errstate(divide="ignore", over="ignore"):
        axis_bound = np.array(limits.feed_mm_s) * length[:, None] / np.abs(change)
    slowest: Floats = axis_bound.min(axis=1, initial=np.inf)
    return np.minimum(feed, slowest)


def _directions(change: Floats, travel: Floats, length: Floats) -> Floats:
    """Unit vectors; filament counts as a direction only where nothing else moves."""
    directions = change / length[:, None]
    directions[travel > 0, E] = 0.0
    return directions


def _corner_speeds(directions: Floats, cruise: Floats, jerk: float) -> Floats:
    """The most at each of the n + 1 ends: no axis may step by more than the jerk; 0 at the outer ends."""
    speeds = np.zeros(len(cruise) + 1)
    if len(cruise) > 1:
        step = np.abs(np.diff(directions, axis=0)).max(axis=1)
        with np.errstate(divide="ignore", over="ignore"):
            speeds[1:-1] = np.minimum(np.minimum(cruise[1:], cruise[:-1]), jerk / step)
    return speeds


def _reachable(corner: Floats, length: Floats, acceleration: Floats) -> Floats:
    """Corner speeds lowered to what can be braked to and accelerated to.

    With s the running sum of 2 a d, braking says v[i]^2 + s[i] <= v[i+1]^2 + s[i+1] and accelerating
    v[i+1]^2 - s[i+1] <= v[i]^2 - s[i]: each is a running minimum.
    """
    s = np.concatenate([[0.0], np.cumsum(2 * acceleration * length)])
    square = np.minimum.accumulate((corner**2 + s)[::-1])[::-1] - s
    square = np.minimum.accumulate(square - s) + s
    speeds: Floats = np.sqrt(np.clip(square, 0.0, corner**2))
    return speeds
