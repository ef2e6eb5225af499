"""The driver of a virtual printer: its HTTP turned into the shape that every driver has."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from aiohttp import ClientTimeout

from provider_agent.drivers import base
from provider_agent.drivers.common import answered, digest_of_file, looked
from provider_agent.drivers.errors import PrinterMisspoke, UploadDamaged, UploadRefused
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

    async def definition(self) -> base.Definition:
        facts = await self._http.call("GET", "definition")
        try:
            x, y, z = facts["bed_um"]
            return base.Definition((int(x), int(y), int(z)), int(facts["nozzle_um"]))
        except (KeyError, TypeError, ValueError) as error:
            raise PrinterMisspoke(
                f"{self._http.url}/definition: {error!r}; is this a virtual printer?"
            ) from error

    async def snapshot(self) -> base.Snapshot:
        return await looked(self._look())

    async def events(self) -> AsyncIterator[base.Snapshot]:
        async for message in self._http.messages("events"):
            yield snapshot_of(message, time.time())

    async def upload(self, path: Path, remote_name: str) -> base.Uploaded:
        ours, size = await digest_of_file(path, "sha256")
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
        return await answered(self._start(remote_name, attempt))

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

    async def discard(self, remote_name: str, attempt: str) -> None:
        answer = await self._http.call("DELETE", f"files/{quote(remote_name, safe='')}")
        if "deleted" not in answer:
            raise PrinterMisspoke(f"{self._http.url} keeps {remote_name}: {answer.get('detail')}")

    async def close(self) -> None:
        await self._http.close()

    async def _look(self) -> base.Snapshot:
        return snapshot_of(await self._http.call("GET", "snapshot"), time.time())

    async def _start(self, remote_name: str, attempt: str) -> base.StartReply:
        answer = await self._http.call("POST", "start", json={"name": remote_name, "attempt": attempt})
        match answer.get("started"):
            case True:
                return base.Started(attempt, repeated=bool(answer.get("repeated")))
            case False:
                reason = str(answer.get("reason"))
                return base.Refused(reason, retryable=reason.startswith(_BUSY))
            case _ if "detail" in answer:
                return base.Refused(str(answer["detail"]), retryable=False)
            case _:
                return base.Unknown(f"{self._http.url}/start says neither yes nor no")

    async def _command(self, name: str) -> base.CommandReply:
        return await answered(self._told(name))

    async def _told(self, name: str) -> base.CommandReply:
        answer = await self._http.call("POST", name)
        if answer.get("accepted") is True:
            return base.Accepted()
        return base.Refused(str(answer.get("reason")), retryable=True)
