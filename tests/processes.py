"""Real servers for tests: each on a free port, each gone when its fixture ends."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from demo.children import die_with_parent, end
from demo.place import accepts, free_port

T = TypeVar("T")

__all__ = ["accepts", "eventually", "free_port", "process"]


def eventually(check: Callable[[], T], seconds: float = 20, every: float = 0.05) -> T:
    """The first truthy answer of `check`; AssertionError when the time is up (with its last answer or error)."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer, problem = check(), None
        except (OSError, AssertionError, LookupError) as error:
            answer, problem = None, error
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: last answer {answer!r}, last error {problem!r}")
        time.sleep(every)


@contextmanager
def process(command: list[str], log: Path, **options: object) -> Iterator[subprocess.Popen]:
    """A child process in its own group, ended (with all it started) on exit."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one C call, no lock taken
            **options,
        )
    try:
        yield child
    finally:
        end([child])
