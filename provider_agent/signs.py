"""Whether a printer shows signs of life: a silent one says PRINTING for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import Snapshot

WITHOUT_WORD = frozenset({PrinterStatus.UNREACHABLE, PrinterStatus.UNKNOWN})
WARM_UP_SECONDS = 1800
STILL_SHARE = 0.03
"""Of a print's time: some software counts progress in whole percents."""


class Signs:
    """How long nothing has changed at one printer, and how long nothing has got on. `clock` counts seconds
    and is never set back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: tuple[object, ...] = ()
        self._place: tuple[object, ...] = ()
        self._answers = True
        self.restart()

    def restart(self) -> None:
        """Count from now: before a print is meant, nothing has to move."""
        self._since = self._got_on = self._clock()

    def seen(self, snapshot: Snapshot) -> None:
        """One more sample. Waiting for a person is life; so is printing where nothing measures it."""
        self._answers = snapshot.status not in WITHOUT_WORD
        if not self._answers:
            return
        place = (snapshot.progress, snapshot.layer, snapshot.position_um)
        measured = (*place, snapshot.nozzle_c, snapshot.bed_c)
        paused = snapshot.status is PrinterStatus.PAUSED
        if (snapshot.status, *measured) != self._last or _blind(measured) or paused:
            self._last, self._since = (snapshot.status, *measured), self._clock()
        if (snapshot.status, *place) != self._place or _blind(place) or paused:
            self._place, self._got_on = (snapshot.status, *place), self._clock()

    def quiet_seconds(self) -> float:
        """How long the last change is past."""
        return self._clock() - self._since

    def problem(self, stall_s: int, print_s: float) -> str | None:
        """What is wrong with a printer that has been quiet for longer than `stall_s`, or has not got on with
        a print of so many seconds for as long as warming up and one step of its progress may take."""
        if self.quiet_seconds() > stall_s:
            if not self._answers:
                return f"the printer has not answered for {stall_s} s"
            return f"the printer stalled: neither progress nor temperature changed for {stall_s} s"
        still = stall_s + WARM_UP_SECONDS + STILL_SHARE * print_s
        if self._clock() - self._got_on > still:
            return f"the printer stalled: it has not got on for {still / 60:.0f} minutes"
        return None


def _blind(measured: tuple[object, ...]) -> bool:
    return all(value is None for value in measured)
