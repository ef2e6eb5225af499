"""The printers: one watcher each, whose snapshots feed telemetry and the runners."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from protocol.statuses import PrinterStatus
from provider_agent.config import PrinterConfig
from provider_agent.drivers.base import Driver, Snapshot
from provider_agent.outage import Outage
from provider_agent.signs import Signs

log = logging.getLogger(__name__)

SAMPLE_SECONDS = 1.0


class Printer:
    """A printer, its driver, and the lock of whoever prints on it."""

    def __init__(self, config: PrinterConfig, driver: Driver) -> None:
        self.config = config
        self.driver = driver
        self.lock = asyncio.Lock()
        self.signs = Signs()
        self.agreement: str | None = None
        """The agreement being printed, for telemetry."""
        self.refused = ""
        """Why it did not recover when it was told to last, said once."""
        self._news = asyncio.Condition()
        self._latest: Snapshot | None = None
        self._outage = Outage(f"printer {config.serial}")

    @property
    def serial(self) -> str:
        """Its name in agent.toml."""
        return self.config.serial

    async def watch(self, tell: Callable[[Printer, Snapshot], None]) -> None:
        """Sample about once a second, for ever."""
        while True:
            snapshot = await self.driver.snapshot()
            if snapshot.status is PrinterStatus.UNREACHABLE:
                self._outage.lost(ConnectionError(snapshot.reason or "does not answer"))
            else:
                self._outage.back()
            self.signs.seen(snapshot)
            async with self._news:
                self._latest = snapshot
                self._news.notify_all()
            tell(self, snapshot)
            await asyncio.sleep(SAMPLE_SECONDS)

    async def next_snapshot(self) -> Snapshot:
        """The next sample of the watcher."""
        async with self._news:
            await self._news.wait()
            if self._latest is None:
                raise AssertionError("the watcher notifies after it has a snapshot")
            return self._latest


class Fleet:
    """All printers of agent.toml by serial."""

    def __init__(self, printers: Iterable[Printer]) -> None:
        self._printers = {printer.serial: printer for printer in printers}

    def all(self) -> list[Printer]:
        """In the order of agent.toml."""
        return list(self._printers.values())

    def find(self, serial: str) -> Printer | None:
        """The printer of this serial, None where agent.toml has dropped it."""
        return self._printers.get(serial)

    async def close(self) -> None:
        """Let go of every connection."""
        for printer in self.all():
            await printer.driver.close()


def sample_of(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as it is sent and kept: only what the printer says, whole numbers for times."""
    return {
        "status": snapshot.status.value,
        "progress": snapshot.progress,
        "layer": snapshot.layer,
        "nozzle_c": snapshot.nozzle_c,
        "bed_c": snapshot.bed_c,
        "position_um": None if snapshot.position_um is None else list(snapshot.position_um),
        "nozzle_target_c": snapshot.nozzle_target_c,
        "bed_target_c": snapshot.bed_target_c,
        "nozzle_power": snapshot.nozzle_power,
        "bed_power": snapshot.bed_power,
        "flow": snapshot.flow,
        "observed_at": int(snapshot.observed_at),
    }
