"""The driver of a virtual printer: its HTTP turned into the shape that every driver has."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from aiohttp import ClientTimeout

from protocol.statuses import PrinterStatus
from provider_agent.drivers import base
from provider_agent.drivers.errors import (
    PrinterMisspoke,
    PrinterSilent,
    PrinterUnreachable,
    UploadDamaged,
    UploadRefused,
)
from provider_agent.drivers.http import JsonHttp
from provider_agent.drivers.virtual.answers import reconciled_of, snapshot_of

UPLOAD_TIMEOUT_S = 600.0
_BUSY = "busy:"


class VirtualDriver(base.Driver):
    """Speaks to one printer at `url`, which ends in /printers/<name> where the process hosts several."""

    def __init__(self, url: str, secret: str | None = None, timeout_s: float = 5.0) -> None:
        self._http = JsonHttp(url, timeout_s)

    def capabilities(self) -> base.DriverCapabilities:
        return base.DriverCapabilities(
            pause=True,
            emergency_stop=True,
            recover=True,
            clear=True,
            attempts=True,
            upload_digest="sha256",
            pushed_events=True,
        )

    async def identify(self) -> base.Identity:
        facts = await self._http.call("GET", "identify")
        try:
            return base.Identity(**facts)
        except TypeError as error:
            raise PrinterMisspoke(
                f"{self._http.url}/identify: {error}; is this a virtual printer?"
            ) from error

    async def snapshot(self) -> base.Snapshot:
        try:
            return snapshot_of(await self._http.call("GET", "snapshot"), time.time())
        except PrinterUnreachable as error:
            return base.Snapshot(PrinterStatus.UNREACHABLE, time.time(), reason=str(error))
        except PrinterMisspoke as error:
            return base.Snapshot(PrinterStatus.UNKNOWN, time.time(), reason=str(error))

    async def events(self) -> AsyncIterator[base.Snapshot]:
        async for message in self._http.messages("events"):
            yield snapshot_of(message, time.time())

    async def upload(self, path: Path, remote_name: str) -> base.Uploaded:
        ours, size = await asyncio.to_thread(_digest, path)
        with path.open("rb") as body:
            answer = await self._http.call(
                "POST",
                f"files/{quote(remote_name, safe='')}",
                params={"sha256": ours},
                data=body,
                timeout=ClientTimeout(UPLOAD_TIMEOUT_S),
            )
        if "sha256" not in answer:
            raise UploadRefused(f"{self._http.url}: {answer.get('detail', 'no reason given')}")
        if answer["sha256"] != ours:
            raise UploadDamaged(
                f"{self._http.url}: {remote_name} arrived as {answer['sha256']}, sent {ours}; send it again"
            )
        return base.Uploaded(remote_name, size, verified=True)

    async def start(self, remote_name: str, attempt: str) -> base.StartReply:
        try:
            answer = await self._http.call("POST", "start", json={"name": remote_name, "attempt": attempt})
        except PrinterUnreachable as error:
            return _unanswered(error)
        except PrinterMisspoke as error:
            return base.Unknown(str(error))
        match answer.get("started"):
            case True:
                return base.Started(attempt, repeated=bool(answer.get("repeated")))
            case False:
                reason = str(answer.get("reason"))
                return base.Refused(reason, retryable=reason.startswith(_BUSY))
            case _:
                return base.Refused(str(answer.get("detail")), retryable=False)

    async def pause(self) -> base.CommandReply:
        return await self._command("pause")

    async def resume(self) -> base.CommandReply:
        return await self._command("resume")

    async def cancel(self) -> base.CommandReply:
        return await self._command("cancel")

    async def emergency_stop(self) -> base.CommandReply:
        return await self._command("emergency-stop")

    async def clear(self) -> base.CommandReply:
        return await self._command("clear")

    async def recover(self) -> base.CommandReply:
        return await self._command("recover")

    async def reconcile(self, attempt: str) -> base.Reconciled:
        prints = (await self._http.call("GET", "history")).get("prints")
        if not isinstance(prints, list):
            raise PrinterMisspoke(f"{self._http.url}/history has no prints; is this a virtual printer?")
        return reconciled_of(prints, attempt)

    async def close(self) -> None:
        await self._http.close()

    async def _command(self, name: str) -> base.CommandReply:
        try:
            answer = await self._http.call("POST", name)
        except PrinterUnreachable as error:
            return _unanswered(error)
        except PrinterMisspoke as error:
            return base.Unknown(str(error))
        if answer.get("accepted") is True:
            return base.Accepted()
        return base.Refused(str(answer.get("reason")), retryable=True)


def _unanswered(error: PrinterUnreachable) -> base.Refused | base.Unknown:
    """A request that may have arrived leaves us in doubt; one that cannot have is as good as refused."""
    if isinstance(error, PrinterSilent):
        return base.Unknown(str(error))
    return base.Refused(str(error), retryable=True)


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
