"""Work that waits for child processes, in a thread, so that the event loop goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from slicers.children import Beat

T = TypeVar("T")
LOOK_SECONDS = 0.1


class Stopped(Exception):
    """The task that waited was cancelled."""


async def in_thread(work: Callable[[Beat], T]) -> T:
    """What the work returns or raises. Its children are given the beat: if the awaiting task is cancelled,
    they are dead before it hears of it."""
    stop = Event()

    def look() -> None:
        if stop.is_set():
            raise Stopped

    # A thread of its own: a child ends with the thread that started it, and none may wait for another.
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slicing")
    future = asyncio.get_running_loop().run_in_executor(pool, work, Beat(look, LOOK_SECONDS))
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        stop.set()
        while not future.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([future])
        # Taken, as nobody else will.
        future.exception()
        raise
    finally:
        pool.shutdown(wait=False)
