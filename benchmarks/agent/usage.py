"""What processes have used, as Linux counts it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def processor_s(pid: int) -> float:
    """Seconds of the processor that a process has used, its children not counted."""
    user, system = _stat(pid)[11:13]
    return (int(user) + int(system)) / TICKS


def ended_s(pid: int) -> float:
    """Seconds of the processor that a process's children used which have ended."""
    user, system = _stat(pid)[13:15]
    return (int(user) + int(system)) / TICKS


def memory(pid: int) -> int:
    """Bytes that a process holds, of what it shares with others its share."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:"))


@contextmanager
def pinned(cores: Set[int]) -> Iterator[None]:
    """What this thread does and starts meanwhile runs on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
