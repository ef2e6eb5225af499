"""The driver of a Klipper printer behind Moonraker.

Moonraker's history tells what became of every print, by file. Before a start the driver notes the attempt,
its file and the newest job in Moonraker's own database: the first job of that file after it is the attempt's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import ClientTimeout, FormData

from protocol.statuses import PrinterStatus
from provider_agent.drivers import base
from provider_agent.drivers.common import (
    answered,
    begun,
    digest_of_file,
    earlier,
    looked,
    not_now,
    plain_name,
    polled,
)
from provider_agent.drivers.errors import (
    PrinterForbids,
    PrinterMisspoke,
    PrinterUnreachable,
    UploadDamaged,
    UploadRefused,
)
from provider_agent.drivers.http import JsonHttp, Reply
from provider_agent.drivers.moonraker.answers import (
    INTERRUPTED,
    LOST,
    Intent,
    away,
    camera_of,
    definition_of,
    host_of,
    intent_of,
    jobs_of,
    reconciled_of,
    snapshot_of,
    unlisted_of,
)

UPLOAD_TIMEOUT_S = 600.0
NAMESPACE = "infill"
HISTORY = 200
OBJECTS = "webhooks&print_stats&virtual_sdcard&extruder&heater_bed&toolhead&gcode_move"
PRINTING = (PrinterStatus.PRINTING, PrinterStatus.PAUSED)
AWAY = ("disconnected", "startup")
HOST_AWAY = "Moonraker has not found its host again, which may go on printing"
SETTLED_SECONDS = 3.0
"""A Moonraker that has only just found its host calls it ready, and misses the start of a print."""


class MoonrakerDriver(base.Driver):
    """Speaks to Moonraker at `url`; `secret` is its API key, where it does not trust our address."""

    def __init__(self, url: str, secret: str | None = None, timeout_s: float = 5.0) -> None:
        self._http = JsonHttp(url, timeout_s, {} if secret is None else {"X-Api-Key": secret})
        self._ready_since: float | None = None

    def capabilities(self) -> base.DriverCapabilities:
        return base.DriverCapabilities(
            pause=True,
            emergency_stop=True,
            recover=True,
            clear=False,
            attempts=True,
            upload_digest="sha256",
            pushed_events=False,
            counts_pauses=True,
        )

    async def identify(self) -> base.Identity:
        server = await self._get("server/info")
        host = await self._get("printer/info")
        try:
            facts = host["result"]
            return base.Identity(
                make="Klipper",
                model=str(facts.get("app") or "Klipper"),
                serial=str(facts["hostname"]),
                firmware=str(facts["software_version"]),
                software=f"Moonraker {server['result']['moonraker_version']}",
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise PrinterMisspoke(f"{self._http.url}: {error!r} is missing; is this Moonraker?") from error

    async def definition(self) -> base.Definition:
        return definition_of(await self._get("printer/objects/query?toolhead&configfile=settings"))

    async def camera(self) -> str | None:
        return camera_of(await self._get("server/webcams/list"), self._http.url)

    async def snapshot(self) -> base.Snapshot:
        return await looked(self._look())

    def events(self) -> AsyncIterator[base.Snapshot]:
        return polled(self._look)

    async def upload(self, path: Path, remote_name: str) -> base.Uploaded:
        ours, size = await digest_of_file(path, "sha256")
        if not await self._exists(plain_name(remote_name)):
            await self._send(path, remote_name, ours)
        elif await self._digest(remote_name) != ours:
            raise UploadRefused(f"the name {remote_name} is in use for another file")
        return base.Uploaded(remote_name, size, verified=True)

    async def start(self, remote_name: str, attempt: str) -> base.StartReply:
        return await answered(self._start(remote_name, attempt))

    async def pause(self) -> base.CommandReply:
        return await answered(self._printing("printer/print/pause", PrinterStatus.PRINTING))

    async def resume(self) -> base.CommandReply:
        return await answered(self._printing("printer/print/resume", PrinterStatus.PAUSED))

    async def cancel(self) -> base.CommandReply:
        return await answered(self._printing("printer/print/cancel", *PRINTING))

    async def emergency_stop(self) -> base.CommandReply:
        return await answered(self._post("printer/emergency_stop"))

    async def clear(self) -> base.CommandReply:
        return await answered(self._clear())

    async def recover(self) -> base.CommandReply:
        return await answered(self._recover())

    async def reconcile(self, attempt: str) -> base.Reconciled:
        noted = await self._http.ask("GET", f"server/database/item?namespace={NAMESPACE}&key={attempt}")
        if noted.status == 404:
            return base.Reconciled(attempt, base.AttemptFate.NOT_STARTED)
        intent, now = intent_of(noted.body), await self._look()
        found = reconciled_of(attempt, intent, await self._jobs())
        if found.reason in (LOST, INTERRUPTED) and now.status is PrinterStatus.DISCONNECTED:
            return base.Reconciled(attempt, base.AttemptFate.UNKNOWN, HOST_AWAY)
        if found.reason in (LOST, INTERRUPTED) and now.job == intent.file:
            # A Moonraker that was down, or has only just found its host, missed what the host goes on doing.
            return unlisted_of(attempt, now)
        if found.fate is base.AttemptFate.RUNNING and (now.status not in PRINTING or now.job != intent.file):
            # Moonraker closes a job a moment after it ended, or when it learns that the host has gone.
            return base.Reconciled(attempt, base.AttemptFate.UNKNOWN, "not printing, and not ended on record")
        return found

    async def discard(self, remote_name: str, attempt: str) -> None:
        if not await self._exists(plain_name(remote_name)):
            return
        gone = await self._http.ask("DELETE", f"server/files/gcodes/{remote_name}")
        if not gone.ok:
            raise PrinterMisspoke(f"{self._http.url} keeps {remote_name}: {_reason(gone)}")

    async def close(self) -> None:
        await self._http.close()

    async def _look(self) -> base.Snapshot:
        before, self._ready_since = self._ready_since, None
        host = host_of(await self._get("server/info"))
        if host in AWAY:
            return away(host, time.time())
        found = snapshot_of(await self._get(f"printer/objects/query?{OBJECTS}"), time.time())
        if found.status is PrinterStatus.READY:
            self._ready_since = time.monotonic() if before is None else before
        return found

    async def _settled(self) -> PrinterStatus:
        """The status, once the printer has been seen ready for long enough to start something."""
        status = (await self._look()).status
        if self._ready_since is not None:
            await asyncio.sleep(max(0.0, self._ready_since + SETTLED_SECONDS - time.monotonic()))
            status = (await self._look()).status
        return status

    async def _jobs(self) -> list[dict[str, Any]]:
        return jobs_of(await self._get(f"server/history/list?limit={HISTORY}&order=desc"))

    async def _get(self, path: str) -> dict[str, Any]:
        reply = await self._http.ask("GET", path)
        if not reply.ok:
            raise PrinterMisspoke(f"{self._http.url}/{path}: {_reason(reply)}; is this Moonraker?")
        return reply.body

    async def _exists(self, remote_name: str) -> bool:
        """Asked of the file itself: Moonraker's record of it comes and goes later."""
        return (await self._http.ask("HEAD", f"server/files/gcodes/{remote_name}")).ok

    async def _digest(self, remote_name: str) -> str:
        return await self._http.digest(f"server/files/gcodes/{remote_name}", "sha256", UPLOAD_TIMEOUT_S)

    async def _send(self, path: Path, remote_name: str, ours: str) -> None:
        """Moonraker compares the checksum itself, and keeps nothing where it differs."""
        form = FormData({"root": "gcodes", "checksum": ours})
        with path.open("rb") as body:
            form.add_field("file", body, filename=remote_name)
            sent = await self._http.ask(
                "POST", "server/files/upload", data=form, timeout=ClientTimeout(UPLOAD_TIMEOUT_S)
            )
        if sent.status == 422:
            raise UploadDamaged(f"{remote_name} did not arrive as sent; send it again")
        if not sent.ok:
            raise UploadRefused(f"{self._http.url}: {_reason(sent)}")

    async def _start(self, remote_name: str, attempt: str) -> base.StartReply:
        if (reply := earlier(await self.reconcile(attempt), LOST)) is not None:
            return reply
        status = await self._settled()
        if status is not PrinterStatus.READY:
            return not_now(status)
        if not await self._exists(remote_name):
            return base.Refused(f"there is no {remote_name} on the printer", retryable=False)
        noted = await self._note(remote_name, attempt)
        if not noted.ok:
            return base.Refused(_reason(noted), retryable=True)
        try:
            return await self._begin(remote_name, attempt)
        except (PrinterUnreachable, PrinterForbids) as error:
            return base.Unknown(str(error))

    async def _note(self, remote_name: str, attempt: str) -> Reply:
        jobs = await self._jobs()
        intent = Intent(remote_name, str(jobs[0]["job_id"]) if jobs else None)
        note = {"namespace": NAMESPACE, "key": attempt, "value": asdict(intent)}
        return await self._http.ask("POST", "server/database/item", json=note)

    async def _begin(self, remote_name: str, attempt: str) -> base.StartReply:
        """From here on the attempt counts as started until the note is gone again."""
        taken = await self._http.ask("POST", f"printer/print/start?filename={remote_name}")
        if not taken.ok:
            note = f"server/database/item?namespace={NAMESPACE}&key={attempt}"
            gone = await self._http.ask("DELETE", note)
            reason = _reason(taken)
            return base.Refused(reason, retryable=True) if gone.ok else base.Unknown(reason)
        return await begun(self, attempt, LOST)

    async def _printing(self, path: str, *when: PrinterStatus) -> base.CommandReply:
        """Moonraker says ok to these whatever the printer does, so it is asked first."""
        status = (await self._look()).status
        if status not in when:
            return not_now(status)
        return await self._post(path)

    async def _clear(self) -> base.CommandReply:
        status = (await self._look()).status
        if status is PrinterStatus.READY:
            return base.Accepted()
        if status is not PrinterStatus.FINISHED_UNCLEARED:
            return not_now(status)
        return await self._post("printer/gcode/script?script=SDCARD_RESET_FILE")

    async def _recover(self) -> base.CommandReply:
        now = await self._look()
        if now.status is PrinterStatus.DISCONNECTED:
            # One that is starting would never get to its end if it were told to start again and again.
            return base.Refused(now.reason or now.status, retryable=True)
        if now.status is not PrinterStatus.FAULT:
            return base.Refused(f"the printer is {now.status}: nothing to recover from", retryable=False)
        return await self._post("printer/firmware_restart")

    async def _post(self, path: str) -> base.CommandReply:
        reply = await self._http.ask("POST", path)
        if not reply.ok:
            return base.Refused(_reason(reply), retryable=True)
        if "result" not in reply.body:
            raise PrinterMisspoke(f"{self._http.url}/{path} answered without a result; is this Moonraker?")
        return base.Accepted()


def _reason(reply: Reply) -> str:
    error = reply.body.get("error")
    told = error.get("message") if isinstance(error, dict) else None
    return f"{told or 'no reason given'} ({reply.status})"
