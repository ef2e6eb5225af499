"""Child processes that cannot outlive us, overrun, or see our environment."""

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

from slicers.errors import SlicerTimeout

LIMITED: Final = Path(__file__).with_name("limited.py")


@dataclass(frozen=True)
class Limits:
    """What one child may take; it is killed at the first that is reached."""

    cpu_seconds: int = 600
    memory_bytes: int = 3 * 1024**3
    wall_seconds: int = 900
    file_bytes: int = 1024**3


@dataclass(frozen=True)
class Beat:
    """Called every so many seconds while a child runs; when it raises, the child is killed."""

    call: Callable[[], None]
    seconds: float = 5.0


NO_BEAT: Final = Beat(lambda: None)


@dataclass(frozen=True)
class Ended:
    """How a child ended: exit code (negative: the signal), and what it said."""

    code: int
    out: bytes
    err: bytes

    @property
    def last_words(self) -> str:
        """The end of what it said, for people."""
        said = self.err.decode("utf-8", "replace").strip() or self.out.decode("utf-8", "replace").strip()
        return said[-400:]


def run(
    command: Sequence[str | Path],
    folder: Path,
    limits: Limits | None = None,
    beat: Beat = NO_BEAT,
    *,
    single: bool = False,
) -> Ended:
    """Run a command in a folder, in its own process group, under limits, with a bare environment.

    `single`: on one processor only. Whatever happens, the whole group is dead when this returns or raises.
    Raises SlicerTimeout, and what the beat raises.
    """
    limits = limits or Limits()
    bounds = (limits.cpu_seconds, limits.memory_bytes, limits.file_bytes, limits.wall_seconds)
    words = (*(str(bound) for bound in bounds), "single" if single else "free", *command)
    with subprocess.Popen(
        [sys.executable, "-I", "-S", LIMITED, *words],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        try:
            out, err = _awaited(child, time.monotonic() + limits.wall_seconds, beat)
        finally:
            # What it started may live on though it ended; a group that is empty is none.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    return Ended(child.returncode, out, err)


def _awaited(child: subprocess.Popen[bytes], end: float, beat: Beat) -> tuple[bytes, bytes]:
    while time.monotonic() < end:
        try:
            return child.communicate(timeout=min(beat.seconds, max(0.01, end - time.monotonic())))
        except subprocess.TimeoutExpired:
            beat.call()
    raise SlicerTimeout("slicing took too long and was stopped")


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours that a slicer could leak; one thread for libraries that start one a processor, as each
    reserves memory."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
