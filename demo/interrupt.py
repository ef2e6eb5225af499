"""Ctrl-C that is always heard, however deep in a library it arrives."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

UNHEARD_SECONDS = 2.0


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, SIGINT and SIGTERM raise KeyboardInterrupt; afterwards neither disturbs the tidying up.

    They are heard even where the shell that started us ignores Ctrl-C, as it does for background jobs.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _raise)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)


def _raise(_number: int, _frame: FrameType | None) -> None:
    # Python drops what is raised in a destructor or a weak reference's callback: raise it until it is heard.
    signal.setitimer(signal.ITIMER_REAL, UNHEARD_SECONDS)
    raise KeyboardInterrupt
