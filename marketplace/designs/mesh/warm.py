"""The process that has the libraries loaded and forks a confined child for each model:
`python -m marketplace.designs.mesh.warm <work>=<module:function> ...`, with a socket as its standard input.

A line in is a Job, a line out an Ending, one after the other. It has one thread, parses nothing itself, and
ends when the other end of the socket does.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, NoReturn

from marketplace.designs.mesh.confine import confine, end_with_parent, limit

# Reads a model in a unit, writes to a path and beside it, and answers.
Work = Callable[[Path, Path, str], dict[str, object]]

OUT_OF_MEMORY: Final = 70
# The child's own alarm comes first.
GRACE_SECONDS: Final = 2
# The descriptor on which a child answers.
ANSWER: Final = 3
ANSWER_LIMIT, WORDS_LIMIT = 4_000_000, 4_000


@dataclass(frozen=True)
class Job:
    """A model to do `work` on, in `unit` or the file's own; what is made of it goes to `made` and beside."""

    work: str
    model: str
    made: str
    unit: str
    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int


@dataclass(frozen=True)
class Ending:
    """How a child ended: `status` as of subprocess, what it answered and what it complained of, and which
    layers of its confinement the kernel refuses."""

    status: int
    answer: str
    words: str
    missing: list[str]
    peak_bytes: int
    seconds: float


class HolderGone(Exception):
    """The process that asks has ended."""


def main() -> None:
    works = dict(_work(argument) for argument in sys.argv[1:])
    line = socket.socket(fileno=os.dup(0))
    with line, line.makefile("rb") as asked, contextlib.suppress(HolderGone, BrokenPipeError):
        for request in asked:
            job = Job(**json.loads(request))
            ending = ending_of(job, works[job.work], line)
            line.sendall(json.dumps(asdict(ending)).encode() + b"\n")


def _work(argument: str) -> tuple[str, Work]:
    name, _, target = argument.partition("=")
    module, _, function = target.partition(":")
    return name, getattr(import_module(module), function)


def ending_of(job: Job, work: Work, line: socket.socket) -> Ending:
    """Fork, wait, and leave nothing behind that the child may have started. Raises HolderGone."""
    began, parent = time.monotonic(), os.getpid()
    answering, talking = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_child(job, work, parent, answering[1], talking[1])
    os.close(answering[1])
    os.close(talking[1])
    try:
        seconds = job.wall_seconds + GRACE_SECONDS
        answer, words = _drained(child, answering[0], talking[0], line, seconds)
        late = False
    except TimeoutError:
        answer, words, late = b"", b"", True
    finally:
        _kill(child)
        _, ended, usage = os.wait4(child, 0)
        os.close(answering[0])
        os.close(talking[0])
    status = -signal.SIGALRM if late else os.waitstatus_to_exitcode(ended)
    missing, _, found = answer.decode(errors="replace").partition("\n")
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Ending(
        status, found, words.decode(errors="replace"), missing.split(), peak, time.monotonic() - began
    )


def _kill(child: int) -> None:
    """What it started, and itself: it may not have come to lead a group."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(child, signal.SIGKILL)


def _drained(
    child: int, answering: int, talking: int, line: socket.socket, seconds: float
) -> tuple[bytes, bytes]:
    """All that a child says until it ends, and what it started with it. Raises TimeoutError, HolderGone."""
    said, limits = {answering: b"", talking: b""}, {answering: ANSWER_LIMIT, talking: WORDS_LIMIT}
    end, unfinished = time.monotonic() + seconds, {answering, talking}
    with selectors.DefaultSelector() as waiting, _ended(child) as ended:
        for each in (answering, talking, line.fileno(), *ended):
            waiting.register(each, selectors.EVENT_READ)
        while unfinished:
            ready = waiting.select(max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                if key.fd == line.fileno():
                    # Nothing is asked while something is being answered.
                    raise HolderGone
                if key.fd in ended:
                    # What it started may hold the pipes open.
                    _kill(child)
                    waiting.unregister(key.fd)
                    continue
                part = os.read(key.fd, 65536)
                said[key.fd] = (said[key.fd] + part)[-limits[key.fd] :]
                if not part:
                    unfinished.discard(key.fd)
                    waiting.unregister(key.fd)
    return said[answering], said[talking]


@contextlib.contextmanager
def _ended(child: int) -> Iterator[list[int]]:
    """A descriptor that can be read once the child has ended, where the system has such."""
    if sys.platform != "linux":
        yield []
        return
    descriptor = os.pidfd_open(child)
    try:
        yield [descriptor]
    finally:
        os.close(descriptor)


def _be_the_child(job: Job, work: Work, parent: int, answering: int, talking: int) -> NoReturn:
    status = 1
    try:
        os.setsid()
        end_with_parent(parent)
        _keep_only(answering, talking)
        made = Path(job.made)
        missing = confine(Path(job.model), made.parent)
        limit(job.memory_bytes, job.cpu_seconds, job.wall_seconds)
        found = work(Path(job.model), made, job.unit)
        _write(ANSWER, " ".join(missing) + "\n" + json.dumps(found))
        status = 0
    except MemoryError:
        status = OUT_OF_MEMORY
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 1
    except BaseException:  # noqa: BLE001  (the last word of a process)
        _write(2, traceback.format_exc()[-WORDS_LIMIT:])
    finally:
        os._exit(status)


def _keep_only(answering: int, talking: int) -> None:
    """Nothing to read, two pipes to write to, and no other descriptor."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((answering, ANSWER), (nothing, 0), (talking, 1), (talking, 2)):
        os.dup2(source, target)
    os.closerange(ANSWER + 1, os.sysconf("SC_OPEN_MAX"))


def _write(descriptor: int, text: str) -> None:
    rest = memoryview(text.encode(errors="replace"))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


if __name__ == "__main__":
    main()
