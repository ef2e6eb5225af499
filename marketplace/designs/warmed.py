"""The warm processes that this process holds: one for each thread that measures at once, lent and given back.

They end with this process: each waits at a socket whose other end is here alone.
"""

import atexit
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final
from weakref import WeakSet

from django.conf import settings

from marketplace.designs.mesh.warm import Ending, Job

PROGRAM: Final = "marketplace.designs.mesh.warm"
MEASURE, MEASURE_APART, REPAIR, ROUGHEN = "measure", "measure-apart", "repair", "roughen"
# What children do; tests put other work there.
WORKS = {
    MEASURE: "marketplace.designs.mesh.measure_file:measured",
    MEASURE_APART: "marketplace.designs.mesh.measure_file:measured_apart",
    REPAIR: "marketplace.designs.mesh.repair_file:repaired",
    ROUGHEN: "marketplace.designs.mesh.rough_file:roughened",
}
GRACE_SECONDS: Final = 5
BEAT_SECONDS: Final = 5.0
PIECE: Final = 64 * 1024


class WarmProcessGone(RuntimeError):
    """The warm process ended, and it is not known whether that was the model's doing."""


class WarmProcess:
    """One program with the libraries loaded, which measures one model after another."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        works = [f"{name}={target}" for name, target in WORKS.items()]
        with theirs:
            self._program = subprocess.Popen(
                [sys.executable, "-m", PROGRAM, *works],
                cwd=settings.BASE_DIR,
                env=_environment(),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        _held.add(self)

    def ending_of(self, job: Job, beat: Callable[[], None]) -> Ending:
        """Have a model measured; `beat` is called every few seconds. Raises WarmProcessGone, TimeoutError."""
        end, answer = time.monotonic() + job.wall_seconds + GRACE_SECONDS, bytearray()
        self._line.settimeout(BEAT_SECONDS)
        try:
            self._line.sendall(json.dumps(asdict(job)).encode() + b"\n")
            while not answer.endswith(b"\n"):
                answer += self._piece(beat)
                if time.monotonic() > end:
                    raise TimeoutError
        except (BrokenPipeError, ConnectionError) as error:
            raise WarmProcessGone from error
        return Ending(**json.loads(answer))

    def _piece(self, beat: Callable[[], None]) -> bytes:
        try:
            piece = self._line.recv(PIECE)
        except TimeoutError:
            beat()
            return b""
        if not piece:
            raise WarmProcessGone
        return piece

    @property
    def lives(self) -> bool:
        return self._program.poll() is None

    def end(self) -> None:
        self._line.close()
        self._program.kill()
        self._program.wait()

    def forsake(self) -> None:
        """This is a fork of the process that holds it: let go, so that it ends with that one."""
        self._line.close()
        self._program.returncode = 0


_held: WeakSet[WarmProcess] = WeakSet()
_idle: list[WarmProcess] = []


@contextmanager
def borrowed() -> Iterator[WarmProcess]:
    """A warm process for one model; one that failed is not used again."""
    process = _taken()
    try:
        yield process
    except BaseException:
        process.end()
        raise
    _idle.append(process)


def _taken() -> WarmProcess:
    while _idle:
        try:
            process = _idle.pop()
        except IndexError:
            # Another thread was faster.
            break
        if process.lives:
            return process
        process.end()
    return WarmProcess()


def end_all() -> None:
    """End those that wait; the next model starts another."""
    while _idle:
        _idle.pop().end()


def _forsake_all() -> None:
    for process in list(_held):
        process.forsake()
    _held.clear()
    _idle.clear()


def _environment() -> dict[str, str]:
    """Nothing of ours that a model's reader could leak; one thread, as only such a process can be forked."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(settings.BASE_DIR)}


atexit.register(end_all)
os.register_at_fork(after_in_child=_forsake_all)
