"""What time it is, as far as a provider may sign for it: never later than the chain allows."""

from __future__ import annotations

import time
from collections.abc import Callable

AHEAD_SECONDS = 120
"""How far our clock may be before the newest block's: blocks come late, and an auditor allows 300 s."""


class Clock:
    """This machine's clock, held back where it runs ahead of every block that was seen.

    A record that is signed for next year can never be signed again, and every later one must follow it.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._began: float | None = None

    def seen(self, block_time: int) -> None:
        """The node has a block of this time (epoch seconds): it is later than that."""
        began = block_time - self._steady()
        self._began = began if self._began is None else max(began, self._began)

    def now(self) -> int:
        """Epoch seconds."""
        wall = int(self._wall())
        if self._began is None:
            return wall
        return min(wall, int(self._began + self._steady()) + AHEAD_SECONDS)
