"""Have a child measure a model, and turn whatever becomes of it into a measurement or a typed refusal."""

import json
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from marketplace.designs.mesh.measurement import Measurement, ModelRefused
from marketplace.designs.mesh.warm import OUT_OF_MEMORY, Ending, Job
from marketplace.designs.warmed import WarmProcessGone, borrowed

logger = logging.getLogger(__name__)

TIMED_OUT: Final = frozenset({-signal.SIGXCPU, -signal.SIGALRM})
MADE: Final = (".png", ".json", ".stl")


@dataclass(frozen=True)
class ChildLimits:
    """What one measuring may take. `wall_seconds` bounds the child even when its parent is gone."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int


def configured_limits() -> ChildLimits:
    return ChildLimits(settings.MEASURE_MEMORY_BYTES, settings.MEASURE_SECONDS, settings.MEASURE_SECONDS * 2)


def measure_in_child(
    model: Path, picture: Path, limits: ChildLimits, beat: Callable[[], None], unit: str = ""
) -> Measurement:
    """Measure `model`, its lengths in `unit` or the file's own, and write its PNG to `picture`.

    Beside it, the source's description (.json) and, unless the file is an STL in millimetres, the geometry
    (.stl). `beat` is called every few seconds meanwhile.

    Raises ModelRefused, also when the child dies; WarmProcessGone when that is nobody's fault but ours.
    """
    job = Job(
        str(model.resolve()),
        str(picture.resolve()),
        unit,
        limits.memory_bytes,
        limits.cpu_seconds,
        limits.wall_seconds,
    )
    try:
        ending = ending_of(job, beat)
    except TimeoutError:
        raise _too_slow(limits) from None
    _unconfined_tell(tuple(ending.missing))
    if ending.status:
        logger.warning("measuring ended with %s: %s", ending.status, ending.words[-2000:])
        raise _death(ending.status, limits)
    if any(picture.with_suffix(suffix).is_symlink() for suffix in MADE):
        raise _failed()
    return _answer(ending.answer)


def ending_of(job: Job, beat: Callable[[], None]) -> Ending:
    """Once more if the warm process was gone. Raises WarmProcessGone, TimeoutError."""
    try:
        with borrowed() as process:
            return process.ending_of(job, beat)
    except WarmProcessGone:
        with borrowed() as process:
            return process.ending_of(job, beat)


@cache
def _unconfined_tell(missing: tuple[str, ...]) -> None:
    """Once for what is missing."""
    if missing:
        logger.warning("this kernel does not confine the reading of models by: %s", ", ".join(missing))


def _answer(output: str) -> Measurement:
    try:
        answer = json.loads(output)
        if refused := answer.get("refused"):
            raise ModelRefused(refused["code"], refused["message"])
        return Measurement.from_json(answer["measurement"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _failed() from error


def _death(status: int, limits: ChildLimits) -> ModelRefused:
    if status in TIMED_OUT:
        return _too_slow(limits)
    if status in {OUT_OF_MEMORY, -signal.SIGKILL}:
        return ModelRefused(
            "too-complex",
            f"Measuring the model needs more than {limits.memory_bytes / 1e9:.1f} GB of memory. "
            "Export it with a coarser tolerance.",
        )
    return _failed()


def _too_slow(limits: ChildLimits) -> ModelRefused:
    return ModelRefused(
        "too-slow",
        f"Measuring the model takes longer than {limits.cpu_seconds} seconds. "
        "Export it with a coarser tolerance.",
    )


def _failed() -> ModelRefused:
    return ModelRefused(
        "measuring-failed",
        "The program that reads models stopped at this file. Open it in your modelling program, "
        "repair it and export it again.",
    )
