"""How much longer than estimated each printer of this agent takes, from the prints in its own journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from protocol.jobspec import JobSpec
from protocol.pace import NEWEST_PRINTS, pace_of
from protocol.units import hex_of
from provider_agent.estimating import extruded_mm3, print_seconds
from provider_agent.journal.attempts import prints_finished
from provider_agent.journal.store import Journal


@dataclass(frozen=True)
class Pace:
    """A printer takes `factor` times as long as `estimating` says, by so many finished prints."""

    factor: float
    prints: int


def pace_learned(journal: Journal, serial: str, speed_mm_s: float) -> Pace:
    """The pace of a printer, with the speed that agent.toml gives it now."""
    found = prints_finished(journal, serial, NEWEST_PRINTS)
    timed = [pair for spec, payload in found for pair in _timed(spec, payload, speed_mm_s)]
    return Pace(pace_of(timed), len(timed))


def _timed(spec: JobSpec, payload: Mapping[str, Any], speed_mm_s: float) -> Iterator[tuple[float, float]]:
    """(estimated, taken) seconds of a print; nothing where its printer did not say how long it took, nor of a
    plate of several copies, which warms up once."""
    whole, paused = payload.get("print_seconds"), payload.get("paused_seconds", 0)
    if whole is None or whole <= paused:
        return
    for part in spec.parts:
        if hex_of(part.model) == payload.get("model"):
            yield print_seconds(part, extruded_mm3(part), speed_mm_s), whole - paused
