"""What estimates are to reach: shares of what a slicer says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from statistics import mean, median
from typing import Final

from benchmarks.estimate.comparing import Point
from marketplace.designs.mesh.estimate import Source


@dataclass(frozen=True)
class Goal:
    """The most that may be off."""

    time_mean: float
    time_worst: float
    material_mean: float


@dataclass(frozen=True)
class Off:
    """How far off, as shares of the truth."""

    mean: float
    median: float
    worst: float


GOALS: Final = {Source.GEOMETRY: Goal(0.10, 0.30, 0.08), Source.SLICED: Goal(0.05, 0.15, 0.03)}


def off(logarithms: Sequence[float]) -> Off:
    """Raises StatisticsError of none."""
    shares = [abs(exp(each) - 1) for each in logarithms]
    return Off(mean(shares), median(shares), max(shares))


def missed(found: Mapping[Source, Sequence[Point]]) -> list[str]:
    """A sentence for each goal that is missed; none of what nothing was compared."""
    return [
        sentence
        for source, goal in GOALS.items()
        if found.get(source)
        for sentence in _missed(source, goal, found[source])
    ]


def _missed(source: Source, goal: Goal, some: Sequence[Point]) -> Iterator[str]:
    time, material = off([each.time for each in some]), off([each.material for each in some])
    for what, reached, most in (
        ("time, mean", time.mean, goal.time_mean),
        ("time, worst", time.worst, goal.time_worst),
        ("material, mean", material.mean, goal.material_mean),
    ):
        if reached > most:
            yield f"{source.value}: {what} {reached:.1%} off, the goal is {most:.0%}"
