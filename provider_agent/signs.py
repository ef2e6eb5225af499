"""Whether a printer shows signs of life: a silent one says PRINTING for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import Snapshot

WITHOUT_WORD = frozenset({PrinterStatus.UNREACHABLE, PrinterStatus.UNKNOWN})


class Signs:
    """How long nothing has changed at one printer. `clock` counts seconds and is never set back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._last: tuple[object, ...] = ()
        self._answers = True

    def seen(self, snapshot: Snapshot) -> None:
        """One more sample. Waiting for a person is life; so is printing where nothing measures it."""
        self._answers = snapshot.status not in WITHOUT_WORD
        if not self._answers:
            return
        measured = (
            snapshot.progress,
            snapshot.layer,
            snapshot.nozzle_c,
            snapshot.bed_c,
            snapshot.position_um,
        )
        shown = (snapshot.status, *measured)
        blind = all(value is None for value in measured)
        if shown != self._last or blind or snapshot.status is PrinterStatus.PAUSED:
            self._last, self._since = shown, self._clock()

    def quiet_seconds(self) -> float:
        """How long the last change is past."""
        return self._clock() - self._since

    def text(self, seconds: int) -> str:
        """What is wrong with a printer that has been quiet for so long."""
        if not self._answers:
            return f"the printer has not answered for {seconds} s"
        return f"the printer stalled: neither progress nor temperature changed for {seconds} s"
