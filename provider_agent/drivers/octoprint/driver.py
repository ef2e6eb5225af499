"""The driver of a printer behind OctoPrint.

OctoPrint knows no attempts and forgets a running print when it is killed. So each attempt prints a copy of
the uploaded file in a folder of its own: the copy can be made only once, and its record is the attempt's.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
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
from provider_agent.drivers.octoprint.answers import (
    FOLDER,
    LOST,
    Job,
    camera_of,
    definition_of,
    job_of,
    reconciled_of,
    snapshot_of,
)

UPLOAD_TIMEOUT_S = 600.0
FILES = "api/files/local"


class OctoPrintDriver(base.Driver):
    """Speaks to OctoPrint at `url`; `secret` is an API or application key."""

    def __init__(self, url: str, secret: str | None = None, timeout_s: float = 5.0) -> None:
        self._http = JsonHttp(url, timeout_s, {} if secret is None else {"X-Api-Key": secret})

    def capabilities(self) -> base.DriverCapabilities:
        return base.DriverCapabilities(
            pause=True,
            emergency_stop=True,
            recover=True,
            clear=False,
            attempts=True,
            upload_digest="sha1",
            pushed_events=False,
        )

    async def identify(self) -> base.Identity:
        version = await self._get("api/version")
        connection = await self._get("api/connection")
        profiles = await self._get("api/printerprofiles")
        try:
            now = connection["current"]
            profile = profiles["profiles"][now["printerProfile"]]
            return base.Identity(
                make=str(profile["name"]),
                model=str(profile["model"]),
                serial=str(now["port"] or "not connected"),
                firmware="not told by OctoPrint",
                software=str(version["text"]),
            )
        except (KeyError, TypeError) as error:
            raise PrinterMisspoke(f"{self._http.url}: {error!r} is missing; is this OctoPrint?") from error

    async def definition(self) -> base.Definition:
        connection, profiles = await self._get("api/connection"), await self._get("api/printerprofiles")
        return definition_of(connection, profiles)

    async def camera(self) -> str | None:
        return camera_of(await self._get("api/settings"), self._http.url)

    async def snapshot(self) -> base.Snapshot:
        return await looked(self._look())

    def events(self) -> AsyncIterator[base.Snapshot]:
        return polled(self._look)

    async def upload(self, path: Path, remote_name: str) -> base.Uploaded:
        ours, size = await digest_of_file(path, "sha1")
        there = await self._http.ask("GET", f"{FILES}/{plain_name(remote_name)}")
        if not there.ok:
            await self._send(path, remote_name)
            there = await self._http.ask("GET", f"{FILES}/{remote_name}")
            if there.body.get("hash") != ours:
                await self._http.ask("DELETE", f"{FILES}/{remote_name}")
                raise UploadDamaged(
                    f"{remote_name} arrived as {there.body.get('hash')}, sent {ours}; send it again"
                )
        elif there.body.get("hash") != ours:
            raise UploadRefused(f"the name {remote_name} is in use for another file")
        return base.Uploaded(remote_name, size, verified=True)

    async def start(self, remote_name: str, attempt: str) -> base.StartReply:
        return await answered(self._start(remote_name, attempt))

    async def pause(self) -> base.CommandReply:
        return await self._command("api/job", command="pause", action="pause")

    async def resume(self) -> base.CommandReply:
        return await self._command("api/job", command="pause", action="resume")

    async def cancel(self) -> base.CommandReply:
        return await self._command("api/job", command="cancel")

    async def emergency_stop(self) -> base.CommandReply:
        return await self._command("api/printer/command", command="M112")

    async def clear(self) -> base.CommandReply:
        return await answered(self._clear())

    async def recover(self) -> base.CommandReply:
        return await answered(self._recover())

    async def reconcile(self, attempt: str) -> base.Reconciled:
        # The job first: what it does not run any more when asked may be on record a moment later.
        job = await self._job()
        kept = await self._http.ask("GET", f"{FILES}/{FOLDER}{attempt}")
        if kept.status == 404:
            return base.Reconciled(attempt, base.AttemptFate.NOT_STARTED)
        children = kept.body.get("children")
        if not isinstance(children, list):
            raise PrinterMisspoke(f"{self._http.url} answered {kept.status} for a folder; is this OctoPrint?")
        return reconciled_of(attempt, job, children)

    async def discard(self, remote_name: str, attempt: str) -> None:
        for place in (f"{FOLDER}{attempt}", plain_name(remote_name)):
            gone = await self._http.ask("DELETE", f"{FILES}/{place}")
            if not gone.ok and gone.status != 404:
                raise PrinterMisspoke(f"{self._http.url} keeps {place}: {_reason(gone)}")

    async def close(self) -> None:
        await self._http.close()

    async def _look(self) -> base.Snapshot:
        job = await self._job()
        # 409 while OctoPrint is not connected to the printer: then it has no temperatures.
        printer = await self._http.ask("GET", "api/printer")
        return snapshot_of(job, printer.body if printer.ok else {}, time.time())

    async def _job(self) -> Job:
        return job_of(await self._get("api/job"))

    async def _get(self, path: str) -> dict[str, Any]:
        reply = await self._http.ask("GET", path)
        if not reply.ok:
            raise PrinterMisspoke(f"{self._http.url}/{path} answered {reply.status}; is this OctoPrint?")
        return reply.body

    async def _send(self, path: Path, remote_name: str) -> None:
        form = FormData()
        form.add_field("noOverwrite", "true")
        with path.open("rb") as body:
            form.add_field("file", body, filename=remote_name)
            sent = await self._http.ask("POST", FILES, data=form, timeout=ClientTimeout(UPLOAD_TIMEOUT_S))
        if not sent.ok:
            raise UploadRefused(f"{self._http.url}: {_reason(sent)}")

    async def _start(self, remote_name: str, attempt: str) -> base.StartReply:
        if (reply := earlier(await self.reconcile(attempt), LOST)) is not None:
            return reply
        status = (await self._job()).status
        if status is not PrinterStatus.READY:
            return not_now(status)
        folder = f"{FOLDER}{attempt}"
        await self._http.ask("POST", FILES, data=FormData({"foldername": folder}))
        copied = await self._post(f"{FILES}/{remote_name}", command="copy", destination=folder)
        if not copied.ok:
            return base.Refused(f"{remote_name}: {_reason(copied)}", retryable=copied.status != 404)
        try:
            return await self._begin(folder, remote_name, attempt)
        except (PrinterUnreachable, PrinterForbids) as error:
            return base.Unknown(str(error))

    async def _begin(self, folder: str, remote_name: str, attempt: str) -> base.StartReply:
        """From here on the attempt counts as started until the copy is gone again."""
        taken = await self._post(f"{FILES}/{folder}/{remote_name}", command="select", print=True)
        if not taken.ok:
            gone = await self._http.ask("DELETE", f"{FILES}/{folder}")
            reason = _reason(taken)
            return base.Refused(reason, retryable=True) if gone.ok else base.Unknown(reason)
        return await begun(self, attempt, LOST)

    async def _clear(self) -> base.CommandReply:
        status = (await self._job()).status
        if status is PrinterStatus.READY:
            return base.Accepted()
        if status is not PrinterStatus.FINISHED_UNCLEARED:
            return not_now(status)
        return _taken(await self._post(f"{FILES}/current", command="unselect"))

    async def _recover(self) -> base.CommandReply:
        job = await self._job()
        if job.connecting:
            # A connection that is begun anew every second is never made.
            return base.Refused(f"OctoPrint is at it: {job.state}", retryable=True)
        if job.status not in (PrinterStatus.FAULT, PrinterStatus.DISCONNECTED):
            return base.Refused(f"the printer is {job.status}: nothing to recover from", retryable=False)
        return _taken(await self._post("api/connection", command="connect"))

    async def _command(self, path: str, **body: Any) -> base.CommandReply:
        reply = await answered(self._post(path, **body))
        return _taken(reply) if isinstance(reply, Reply) else reply

    async def _post(self, path: str, **body: Any) -> Reply:
        return await self._http.ask("POST", path, json=body)


def _taken(reply: Reply) -> base.CommandReply:
    return base.Accepted() if reply.ok else base.Refused(_reason(reply), retryable=True)


def _reason(reply: Reply) -> str:
    return f"{reply.body.get('error', 'no reason given')} ({reply.status})"
