"""The driver of a Prusa printer behind PrusaLink.

PrusaLink shows the end of a print for eleven seconds and keeps no record of it. So each attempt has a folder
on the printer's storage, whose empty folders are notes: which file, which job, how it ended once that was
seen.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import ClientTimeout

from protocol.statuses import PrinterStatus
from provider_agent.drivers import base
from provider_agent.drivers.beds import bed_of
from provider_agent.drivers.cameras import own_camera
from provider_agent.drivers.common import (
    answered,
    begun,
    digest_of_file,
    earlier,
    length_um,
    looked,
    not_now,
    plain_name,
    polled,
    until,
)
from provider_agent.drivers.errors import (
    PrinterForbids,
    PrinterMisspoke,
    PrinterUnreachable,
    UploadDamaged,
    UploadRefused,
)
from provider_agent.drivers.http import JsonHttp, Reply
from provider_agent.drivers.prusalink.access import access
from provider_agent.drivers.prusalink.answers import (
    ENDED,
    FILE,
    FOLDER,
    JOB,
    SNAP,
    UNSEEN,
    Notes,
    Work,
    has_camera,
    notes_of,
    reconciled_of,
    snapshot_of,
    storage_of,
    work_of,
)

UPLOAD_TIMEOUT_S = 600.0
LISTED_SECONDS = 15.0
CLEAR_SECONDS = 30.0
CANCEL_SECONDS = 3.0
CANCEL_AGAIN_SECONDS = 30.0
"""PrusaLink takes fifteen to give up a cancel that it lost, and only then gets to the next."""
ON_A_PI = "local"
PRINTS = (PrinterStatus.PRINTING, PrinterStatus.PAUSED)
JSON = {"Accept": "application/json"}
GCODE = {"Content-Type": "text/x.gcode"}


class PrusaLinkDriver(base.Driver):
    """Speaks to PrusaLink at `url`; `secret` is its API key, or "user:password"."""

    def __init__(self, url: str, secret: str | None = None, timeout_s: float = 5.0) -> None:
        shown = access(url, secret)
        self._http = JsonHttp(url, timeout_s, JSON | dict(shown.headers), shown.middlewares)
        self._storage = ""

    def capabilities(self) -> base.DriverCapabilities:
        return base.DriverCapabilities(
            pause=True,
            emergency_stop=False,
            recover=False,
            clear=False,
            attempts=True,
            upload_digest=None,
            pushed_events=False,
        )

    async def identify(self) -> base.Identity:
        version, info = await self._get("api/version"), await self._get("api/v1/info")
        try:
            return base.Identity(
                make="Prusa",
                model=str(version.get("original") or version["text"]).removeprefix("PrusaLink "),
                serial=str(info["serial"]),
                firmware=str(version.get("firmware") or version["server"]),
                software=str(version["text"]),
            )
        except KeyError as error:
            raise PrinterMisspoke(f"{self._http.url}: {error!r} is missing; is this PrusaLink?") from error

    async def definition(self) -> base.Definition:
        version, info = await self._get("api/version"), await self._get("api/v1/info")
        named = f"{version.get('original')} {version.get('hostname')} {info.get('hostname')}"
        return base.Definition(bed_of("Prusa", named), length_um(info.get("nozzle_diameter")))

    async def camera(self) -> str | None:
        # A built-in PrusaLink has no cameras, and answers 404.
        listed = await self._http.ask("GET", "api/v1/cameras")
        return own_camera(SNAP, self._http.url) if listed.ok and has_camera(listed.body) else None

    async def snapshot(self) -> base.Snapshot:
        return await looked(self._look())

    def events(self) -> AsyncIterator[base.Snapshot]:
        return polled(self._look)

    async def upload(self, path: Path, remote_name: str) -> base.Uploaded:
        ours, size = await digest_of_file(path, "sha256")
        place = f"{await self._files()}/{plain_name(remote_name)}"
        there = await self._http.ask("GET", place)
        fresh = not there.ok
        if fresh:
            there = await self._send(path, place)
        if there.body.get("size") != size or await self._digest(there) != ours:
            if not fresh:
                raise UploadRefused(f"the name {remote_name} is in use for another file")
            await self._http.ask("DELETE", place)
            raise UploadDamaged(f"{remote_name} is not on the printer as it was sent; send it again")
        return base.Uploaded(remote_name, size, verified=True)

    async def start(self, remote_name: str, attempt: str) -> base.StartReply:
        return await answered(self._start(remote_name, attempt))

    async def pause(self) -> base.CommandReply:
        return await answered(self._job("pause", PrinterStatus.PRINTING))

    async def resume(self) -> base.CommandReply:
        return await answered(self._job("resume", PrinterStatus.PAUSED))

    async def cancel(self) -> base.CommandReply:
        return await answered(self._cancel())

    async def emergency_stop(self) -> base.CommandReply:
        return base.Refused("PrusaLink has no emergency stop: use the printer's own switch", retryable=False)

    async def clear(self) -> base.CommandReply:
        return await answered(self._clear())

    async def recover(self) -> base.CommandReply:
        return base.Refused("PrusaLink resets no printer: use the button on the printer", retryable=False)

    async def reconcile(self, attempt: str) -> base.Reconciled:
        folder = f"{await self._files()}/{FOLDER}{attempt}"
        kept = await self._http.ask("GET", folder)
        if kept.status == 404:
            return base.Reconciled(attempt, base.AttemptFate.NOT_STARTED)
        if not kept.ok:
            raise PrinterMisspoke(f"{self._http.url} answered {kept.status} for a folder; is this PrusaLink?")
        notes, work = notes_of(kept.body), await self._work()
        found = reconciled_of(attempt, notes, work)
        await self._keep(folder, notes, work, found)
        return found

    async def discard(self, remote_name: str, attempt: str) -> None:
        place = f"{await self._files()}/{plain_name(remote_name)}"
        gone = await self._http.ask("DELETE", place)
        if not gone.ok and gone.status != 404:
            raise PrinterMisspoke(f"{self._http.url} keeps {remote_name}: {_reason(gone)}")
        await self._listed(lambda: self._gone(place))

    async def close(self) -> None:
        await self._http.close()

    async def _look(self) -> base.Snapshot:
        return snapshot_of(await self._work(), time.time())

    async def _work(self) -> Work:
        status = await self._get("api/v1/status")
        job = (await self._http.ask("GET", "api/v1/job")).body
        # Only a Raspberry Pi's PrusaLink answers here for a print that is over.
        chosen = {} if job else (await self._http.ask("GET", "api/job")).body
        return work_of(status, job, chosen)

    async def _keep(self, folder: str, notes: Notes, work: Work, found: base.Reconciled) -> None:
        """Note what was seen and will soon be gone: before it is told to anybody."""
        running = found.fate is base.AttemptFate.RUNNING
        if running and notes.job is None and work.job is not None:
            await self._note(f"{folder}/{JOB}{work.job}")
        ended = found.fate not in (base.AttemptFate.RUNNING, base.AttemptFate.UNKNOWN)
        if ended and notes.fate is None and found.reason != UNSEEN:
            await self._note(f"{folder}/{ENDED}{found.fate}")

    async def _note(self, place: str) -> None:
        noted = await self._http.ask("PUT", place, headers={"Create-Folder": "?1"})
        if not noted.ok or not await self._listed(lambda: self._there(place)):
            raise PrinterMisspoke(f"PrusaLink made no folder {place}: {_reason(noted)}")

    async def _there(self, place: str) -> bool:
        return (await self._http.ask("GET", place)).ok

    async def _gone(self, place: str) -> bool:
        return not await self._there(place)

    async def _listed(self, check: Callable[[], Awaitable[bool]]) -> bool:
        """Whether it comes true: PrusaLink's view of its files is up to a second old."""
        return await until(check, LISTED_SECONDS)

    async def _files(self) -> str:
        if not self._storage:
            self._storage = storage_of(await self._get("api/v1/storage"))
        return f"api/v1/files/{self._storage}"

    async def _get(self, path: str) -> dict[str, Any]:
        reply = await self._http.ask("GET", path)
        if not reply.ok:
            raise PrinterMisspoke(f"{self._http.url}/{path}: {_reason(reply)}; is this PrusaLink?")
        return reply.body

    async def _send(self, path: Path, place: str) -> Reply:
        with path.open("rb") as body:
            sent = await self._http.ask(
                "PUT", place, data=body, headers=GCODE, timeout=ClientTimeout(UPLOAD_TIMEOUT_S)
            )
        if not sent.ok:
            raise UploadRefused(f"{self._http.url}: {_reason(sent)}")
        if not await self._listed(lambda: self._there(place)):
            raise UploadDamaged(f"{place} was sent, and is not there; send it again")
        return await self._http.ask("GET", place)

    async def _digest(self, file: Reply) -> str:
        """PrusaLink tells no digest, so the file is read back."""
        return await self._http.digest(self._raw(file), "sha256", UPLOAD_TIMEOUT_S)

    def _raw(self, file: Reply) -> str:
        """Where the file itself is read."""
        place = (file.body.get("refs") or {}).get("download")
        if not isinstance(place, str):
            raise PrinterMisspoke(f"{self._http.url} tells no place to read a file back from")
        return place.lstrip("/")

    async def _start(self, remote_name: str, attempt: str) -> base.StartReply:
        if (reply := earlier(await self.reconcile(attempt), UNSEEN)) is not None:
            return reply
        status = (await self._work()).status
        if status is not PrinterStatus.READY:
            return not_now(status)
        files = await self._files()
        if not await self._there(f"{files}/{remote_name}"):
            return base.Refused(f"there is no {remote_name} on the printer", retryable=False)
        try:
            await self._note(f"{files}/{FOLDER}{attempt}/{FILE}{remote_name}")
            return await self._begin(remote_name, attempt)
        except (PrinterUnreachable, PrinterForbids) as error:
            return base.Unknown(str(error))

    async def _begin(self, remote_name: str, attempt: str) -> base.StartReply:
        """From here on the attempt counts as started until its folder is gone again."""
        files = await self._files()
        taken = await self._print(f"{files}/{remote_name}")
        if not taken.ok:
            work = await self._work()
            if work.file == remote_name:
                await self._let_go(work)
            folder = f"{files}/{FOLDER}{attempt}"
            await self._http.ask("DELETE", folder, headers={"Force": "?1"})
            gone = await self._listed(lambda: self._gone(folder))
            reason = _reason(taken)
            return base.Refused(reason, retryable=True) if gone else base.Unknown(reason)
        return await begun(self, attempt, UNSEEN)

    async def _print(self, place: str) -> Reply:
        """On a Raspberry Pi the file is chosen first: PrusaLink puts down which file it prints after it has
        begun, and where it has none yet when the first line goes out, it never sends another."""
        if self._storage == ON_A_PI:
            older = self._raw(await self._http.ask("GET", place)).removesuffix("/raw")
            chosen = await self._http.ask("POST", older, json={"command": "select"})
            if not chosen.ok:
                return chosen
        return await self._http.ask("POST", place)

    async def _job(self, command: str, when: PrinterStatus) -> base.CommandReply:
        work = await self._work()
        if work.status is not when or work.job is None:
            return not_now(work.status)
        reply = await self._http.ask("PUT", f"api/v1/job/{work.job}/{command}")
        return base.Accepted() if reply.ok else base.Refused(_reason(reply), retryable=True)

    async def _cancel(self) -> base.CommandReply:
        """Accepted once the print is over: PrusaLink takes a cancel early in a print, and may go on."""
        work = await self._work()
        if work.status not in PRINTS or work.job is None:
            return not_now(work.status)
        reply = await self._http.ask("DELETE", f"api/v1/job/{work.job}")
        if not reply.ok:
            return base.Refused(_reason(reply), retryable=True)
        try:
            return await self._cancelled(work.job)
        except (PrinterUnreachable, PrinterForbids) as error:
            return base.Unknown(str(error))

    async def _cancelled(self, job: int) -> base.CommandReply:
        if await until(lambda: self._is_over(job), CANCEL_SECONDS):
            return base.Accepted()
        await self._http.ask("DELETE", f"api/v1/job/{job}")
        if await until(lambda: self._is_over(job), CANCEL_AGAIN_SECONDS):
            return base.Accepted()
        return base.Unknown("PrusaLink took the cancel twice, and says that it goes on printing")

    async def _is_over(self, job: int) -> bool:
        work = await self._work()
        return work.status not in base.ACTIVE or work.job != job

    async def _clear(self) -> base.CommandReply:
        work = await self._work()
        if work.status not in (PrinterStatus.READY, PrinterStatus.FINISHED_UNCLEARED):
            return not_now(work.status)
        await self._let_go(work)
        # A Raspberry Pi shows the end for some seconds more.
        if await until(self._is_ready, CLEAR_SECONDS):
            return base.Accepted()
        return base.Refused("dismiss what the printer's screen shows", retryable=True)

    async def _let_go(self, work: Work) -> None:
        """Of the chosen file, which "cancel" does where there is no job."""
        if work.file is not None and not work.busy:
            await self._http.ask("POST", "api/job", json={"command": "cancel"})

    async def _is_ready(self) -> bool:
        return (await self._work()).status is PrinterStatus.READY


def _reason(reply: Reply) -> str:
    told = reply.body.get("message") or reply.body.get("title") or "no reason given"
    return f"{told} ({reply.status})"
