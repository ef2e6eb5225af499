"""Child processes under limits, with a bare environment. No Django."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marketplace.designs.slicing.outcome import SliceFailed

ROOT: Final = Path(__file__).resolve().parents[3]
LIMITED: Final = Path(__file__).with_name("limited.py")
FILE_BYTES: Final = 1024**3
BEAT_SECONDS: Final = 5.0


@dataclass(frozen=True)
class SliceLimits:
    """What one slice may take; it is killed at the first that is reached."""

    cpu_seconds: int = 120
    memory_bytes: int = 2 * 1024**3
    wall_seconds: int = 240


def run(
    command: Sequence[str | Path], folder: Path, limits: SliceLimits, beat: Callable[[], None]
) -> tuple[bytes, bytes]:
    """What the command says on both outputs. `beat` is called every few seconds meanwhile; when it raises,
    the command is killed. Raises SliceFailed for any exit but 0."""
    bounds = (limits.cpu_seconds, limits.memory_bytes, FILE_BYTES, limits.wall_seconds)
    words = [sys.executable, "-I", "-S", LIMITED, *(str(bound) for bound in bounds), *command]
    with subprocess.Popen(
        words,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        try:
            said = _awaited(child, time.monotonic() + limits.wall_seconds, beat)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    if child.returncode:
        last = said[1].decode("utf-8", "replace").strip()[-300:] or "no reason given"
        raise SliceFailed(f"{Path(command[0]).name} ended with {child.returncode}: {last}")
    return said


def _awaited(child: subprocess.Popen[bytes], end: float, beat: Callable[[], None]) -> tuple[bytes, bytes]:
    while time.monotonic() < end:
        try:
            return child.communicate(timeout=BEAT_SECONDS)
        except subprocess.TimeoutExpired:
            beat()
    raise SliceFailed("slicing took too long and was stopped")


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours that a slicer could leak; one thread, as each thread reserves address space."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
