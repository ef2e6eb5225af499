"""Have a child measure a model, and turn whatever becomes of it into a measurement or a typed refusal."""

import json
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from marketplace.designs.mesh.measurement import Measurement, ModelRefused
from marketplace.designs.mesh.warm import OUT_OF_MEMORY, Ending, Job
from marketplace.designs.warmed import MEASURE, MEASURE_APART, WarmProcessGone, borrowed

logger = logging.getLogger(__name__)

TIMED_OUT: Final = frozenset({-signal.SIGXCPU, -signal.SIGALRM})


@dataclass(frozen=True)
class ChildLimits:
    """What one measuring may take. `wall_seconds` bounds the child even when its parent is gone."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int


def configured_limits() -> ChildLimits:
    return ChildLimits(settings.MEASURE_MEMORY_BYTES, settings.MEASURE_SECONDS, settings.MEASURE_SECONDS * 2)


def measure_in_child(
    model: Path,
    picture: Path,
    limits: ChildLimits,
    beat: Callable[[], None],
    unit: str = "",
    *,
    apart: bool = False,
) -> Measurement:
    """Measure `model`, its lengths in `unit` or the file's own, and write its PNG to `picture`; `apart`, also
    what it holds, each by itself (.stl).

    Beside it, the source's description (.json), pictures from other angles (mesh/angles.py), a preview (.glb)
    and, unless the file is an STL in millimetres, the geometry (.stl). `beat` is called every few seconds
    meanwhile.

    Raises ModelRefused, also when the child dies; WarmProcessGone when that is nobody's fault but ours.
    """
    job = Job(
        MEASURE_APART if apart else MEASURE,
        str(model.resolve()),
        str(picture.resolve()),
        unit,
        **vars(limits),
    )
    answer = child_answer(job, beat)
    try:
        return Measurement.from_json(answer["measurement"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise failed() from error


def child_answer(job: Job, beat: Callable[[], None]) -> dict[str, Any]:
    """Have a child read a model, within limits; what it answers.

    Raises ModelRefused, also when the child dies; WarmProcessGone when that is nobody's fault but ours.
    """
    limits = ChildLimits(job.memory_bytes, job.cpu_seconds, job.wall_seconds)
    try:
        ending = ending_of(job, beat)
    except TimeoutError:
        raise _too_slow(limits) from None
    _unconfined_tell(tuple(ending.missing))
    if ending.status:
        logger.warning("reading a model ended with %s: %s", ending.status, ending.words[-2000:])
        raise _death(ending.status, limits)
    made = Path(job.made)
    if any(each.is_symlink() for each in made.parent.glob(f"{made.stem}*")):
        raise failed()
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


def _answer(output: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(output)
        if refused := answer.get("refused"):
            raise ModelRefused(refused["code"], refused["message"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise failed() from error
    return answer


def _death(status: int, limits: ChildLimits) -> ModelRefused:
    if status in TIMED_OUT:
        return _too_slow(limits)
    if status in {OUT_OF_MEMORY, -signal.SIGKILL}:
        return ModelRefused(
            "too-complex",
            f"Measuring the model needs more than {limits.memory_bytes / 1e9:.1f} GB of memory. "
            "Export it with a coarser tolerance.",
        )
    return failed()


def _too_slow(limits: ChildLimits) -> ModelRefused:
    return ModelRefused(
        "too-slow",
        f"Measuring the model takes longer than {limits.cpu_seconds} seconds. "
        "Export it with a coarser tolerance.",
    )


def failed() -> ModelRefused:
    """The child broke at a file."""
    return ModelRefused(
        "measuring-failed",
        "The program that reads models stopped at this file. Open it in your modelling program, "
        "repair it and export it again.",
    )
