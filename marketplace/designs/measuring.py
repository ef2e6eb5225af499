"""Run the measuring child and turn whatever becomes of it into a measurement or a typed refusal."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from marketplace.designs.mesh.measure_file import OUT_OF_MEMORY
from marketplace.designs.mesh.measurement import Measurement, ModelRefused

logger = logging.getLogger(__name__)

CHILD: Final = "marketplace.designs.mesh.measure_file"
GRACE_SECONDS: Final = 5
BEAT_SECONDS: Final = 5.0
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
    model: Path, picture: Path, limits: ChildLimits, beat: Callable[[], None], unit: str = ""
) -> Measurement:
    """Measure `model`, its lengths in `unit` or the file's own, and write its PNG to `picture`.

    Beside it, the source's description (.json), pictures from other angles (mesh/angles.py), a preview (.glb)
    and, unless the file is an STL in millimetres, the geometry (.stl). `beat` is called every few seconds
    meanwhile.

    Raises ModelRefused, also when the child dies.
    """
    answer = child_answer(CHILD, [model, picture], limits, beat, unit)
    try:
        return Measurement.from_json(answer["measurement"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise failed() from error


def child_answer(
    program: str, files: Sequence[Path], limits: ChildLimits, beat: Callable[[], None], unit: str
) -> dict[str, Any]:
    """Run a program that reads models, within limits; what it answers. Raises ModelRefused, also when the
    child dies."""
    command = [sys.executable, "-m", program, *map(str, files)]
    command += ["--memory-bytes", str(limits.memory_bytes), "--cpu-seconds", str(limits.cpu_seconds)]
    command += ["--wall-seconds", str(limits.wall_seconds)]
    command += ["--unit", unit] if unit else []
    with subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        try:
            output, complaint = _awaited(child, limits, beat)
        finally:
            child.kill()
    if child.returncode:
        words = complaint[-2000:].decode(errors="replace")
        logger.warning("%s ended with %s: %s", program, child.returncode, words)
        raise _death(child.returncode, limits)
    return _answer(output)


def _awaited(
    child: subprocess.Popen[bytes], limits: ChildLimits, beat: Callable[[], None]
) -> tuple[bytes, bytes]:
    end = time.monotonic() + limits.wall_seconds + GRACE_SECONDS
    while time.monotonic() < end:
        try:
            return child.communicate(timeout=BEAT_SECONDS)
        except subprocess.TimeoutExpired:
            beat()
    raise _too_slow(limits)


def _environment() -> dict[str, str]:
    """Nothing of ours that a model's reader could leak; one thread, as each thread reserves address space."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(settings.BASE_DIR)}


def _answer(output: bytes) -> dict[str, Any]:
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
