"""Camera stills of a print as evidence: at its start, now and then, and at its end.

The picture stays with the files of the making and is deleted with them, as it shows the design; the record
has its digest. A camera that does not answer holds nothing up.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from protocol.evidence import Kind
from provider_agent.camera import picture_facts, still_take
from provider_agent.drivers.http import Access
from provider_agent.errors import CameraFailed
from provider_agent.evidence_log import EvidenceLog
from provider_agent.files import file_write
from provider_agent.journal.attempts import Attempt
from provider_agent.journal.records import record_count, record_find
from provider_agent.journal.store import Journal

log = logging.getLogger(__name__)

STILL_SECONDS = 1800.0
"""A week of them fits beside its telemetry into the records that a marketplace takes of one log."""


class Stills:
    """Used around the watch of one attempt: while it lasts stills are taken, and a last one after it."""

    def __init__(
        self,
        journal: Journal,
        evidence: EvidenceLog,
        attempt: Attempt,
        *,
        camera: str | None,
        folder: Path,
        access: Access | None = None,
    ) -> None:
        self._journal = journal
        self._log = evidence
        self._attempt = attempt
        self._camera = camera
        self._folder = folder
        self._access = access
        self._said = ""
        self._taking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._camera is not None:
            self._taking = asyncio.create_task(self._repeat(self._camera))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._taking is None or self._camera is None:
            return
        self._taking.cancel()
        with suppress(asyncio.CancelledError):
            await self._taking
        if kind is None:
            await self._take(self._camera)

    async def _repeat(self, camera: str) -> None:
        await asyncio.sleep(self._seconds_left())
        while True:
            await self._take(camera)
            await asyncio.sleep(STILL_SECONDS)

    def _seconds_left(self) -> float:
        """Until the next still is due: none at once where a watch that broke off took one lately."""
        prefix = f"photo:{self._attempt.id}:"
        number = record_count(self._journal, self._attempt.agreement, prefix)
        last = record_find(self._journal, self._attempt.agreement, f"{prefix}{number - 1}")
        if last is None:
            return 0.0
        return min(STILL_SECONDS, max(0.0, last.record.observed_at + STILL_SECONDS - time.time()))

    async def _take(self, camera: str) -> None:
        try:
            picture, suffix = await still_take(camera, self._access)
            self._keep(picture, suffix)
        except (CameraFailed, OSError) as error:
            if str(error) != self._said:
                log.warning("%s: no still: %s", self._attempt.serial, error)
                self._said = str(error)

    def _keep(self, picture: bytes, suffix: str) -> None:
        prefix = f"photo:{self._attempt.id}:"
        number = record_count(self._journal, self._attempt.agreement, prefix)
        # The picture is on disk before the record names it: after a kill in between the next one replaces it.
        name = f"still-{self._attempt.id}-{number}{suffix}"
        file_write(self._folder / name, picture)
        payload = {
            "attempt": self._attempt.id,
            "number": number,
            **picture_facts(picture),
        }
        self._log.append(f"{prefix}{number}", Kind.PHOTO, payload)
