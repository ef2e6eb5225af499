"""Writing what all connections of a process report: as many at once as came while the last were written."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from marketplace.monitoring.services import samples_keep

Sample = dict[str, Any]


@dataclass
class Batch:
    """Samples of one write, and the newest of each printer."""

    samples: list[Sample] = field(default_factory=list)
    newest: dict[str, Sample] = field(default_factory=dict)


class Recorder:
    """Of one event loop. A sample is written at once, or with all that wait while others are written."""

    def __init__(self) -> None:
        self._batch = Batch()
        self._next: asyncio.Task[None] | None = None
        self._last: asyncio.Task[None] | None = None

    async def keep(self, samples: list[Sample], newest: list[Sample]) -> None:
        """Return when they are committed. Raises what the database raises."""
        self._batch.samples.extend(samples)
        self._batch.newest.update((each["printer"], each) for each in newest)
        if self._next is None:
            self._next = self._last = asyncio.create_task(self._write(self._last))
        # Whoever stops waiting, its connection gone, must not take the others' samples along.
        await asyncio.shield(self._next)

    async def _write(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        batch, self._batch, self._next = self._batch, Batch(), None
        await database_sync_to_async(samples_keep)(samples=batch.samples, newest=batch.newest.values())


_RECORDERS: WeakKeyDictionary[asyncio.AbstractEventLoop, Recorder] = WeakKeyDictionary()


def recorder() -> Recorder:
    """The one of this event loop."""
    return _RECORDERS.setdefault(asyncio.get_running_loop(), Recorder())
