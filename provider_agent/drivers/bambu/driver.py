"""The driver of a Bambu Lab printer in its own network, with developer mode on.

The printer tells the name of its newest print, and nothing of those before. So each attempt has a small file
on its storage, and another once its end was seen; the print is started under a name that holds the attempt.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from protocol.statuses import PrinterStatus
from provider_agent.drivers import base
from provider_agent.drivers.bambu.answers import (
    UNSEEN,
    Work,
    reconciled_of,
    snapshot_of,
    task_of,
    task_parts,
    work_of,
)
from provider_agent.drivers.bambu.files import Files
from provider_agent.drivers.bambu.line import Line, Report
from provider_agent.drivers.bambu.package import PLATE, SUFFIX, wrap
from provider_agent.drivers.bambu.tls import Peer
from provider_agent.drivers.beds import bed_of
from provider_agent.drivers.common import (
    answered,
    begun,
    digest_of_file,
    earlier,
    looked,
    not_now,
    plain_name,
)
from provider_agent.drivers.errors import PrinterMisspoke, PrinterUnreachable, UploadDamaged, UploadRefused

MQTT_PORT, FTPS_PORT = 8883, 990
NOTE, CLEARED = "attempt-", ".cleared.txt"
ON_SCREEN = "confirm what the printer's own screen shows"
PRINT = {
    "param": PLATE,
    "project_id": "0",
    "profile_id": "0",
    "task_id": "0",
    "subtask_id": "0",
    "md5": "",
    "timelapse": False,
    "bed_type": "auto",
    "bed_levelling": True,
    "flow_cali": False,
    "vibration_cali": False,
    "layer_inspect": False,
    "use_ams": False,
    "ams_mapping": "",
}


class BambuDriver(base.Driver):
    """Speaks to the printer at `url` (a port there is MQTT's).

    `secret` is its access code, `device` its serial number, `certificate` the SHA-256 of its certificate.
    """

    def __init__(
        self,
        url: str,
        secret: str | None = None,
        timeout_s: float = 5.0,
        *,
        device: str | None = None,
        certificate: str | None = None,
        ftps_port: int = FTPS_PORT,
    ) -> None:
        place = urlsplit(url)
        host, code, self._device = place.hostname or "", secret or "", device or ""
        peer = Peer(host, place.port or MQTT_PORT, code, certificate, timeout_s)
        self._line = Line(peer, self._device)
        self._files = Files(replace(peer, port=ftps_port))
        self._cleared: tuple[int, str, bool] | None = None
        """Of which connection and print the plate is known to be clear, or not."""

    def capabilities(self) -> base.DriverCapabilities:
        return base.DriverCapabilities(
            pause=True,
            emergency_stop=False,
            recover=False,
            clear=False,
            attempts=True,
            upload_digest=None,
            pushed_events=True,
        )

    async def identify(self) -> base.Identity:
        answer = await self._line.ask("info", "get_version")
        try:
            modules = {module["name"]: module for module in answer["module"]}
            main = modules["ota"]
            return base.Identity(
                make="Bambu Lab",
                model=str(main.get("product_name") or main.get("project_name") or "Bambu"),
                serial=str(main.get("sn") or self._device),
                firmware=str(main["sw_ver"]),
                software=f"firmware {main['sw_ver']}",
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise PrinterMisspoke(f"{self._line.peer}: not a Bambu printer's version: {error!r}") from error

    async def definition(self) -> base.Definition:
        return base.Definition(bed_of("Bambu Lab", (await self.identify()).model))

    async def snapshot(self) -> base.Snapshot:
        return await looked(self._look())

    async def events(self) -> AsyncIterator[base.Snapshot]:
        while True:
            yield await self._look()
            await self._line.change()

    async def upload(self, path: Path, remote_name: str) -> base.Uploaded:
        await self._line.report()
        name = plain_name(remote_name) + SUFFIX
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder) / name
            await asyncio.to_thread(wrap, path, package)
            ours, _ = await digest_of_file(package, "sha256")
            there = await self._files.digest(name)
            if there is not None and there != ours:
                raise UploadRefused(f"the name {remote_name} is in use for another file")
            if there is None:
                await self._files.send(package, name)
                if await self._files.digest(name) != ours:
                    await self._files.drop(name)
                    raise UploadDamaged(f"{name} is not on the printer as it was sent; send it again")
        return base.Uploaded(remote_name, path.stat().st_size, verified=True)

    async def start(self, remote_name: str, attempt: str) -> base.StartReply:
        return await answered(self._start(remote_name, attempt))

    async def pause(self) -> base.CommandReply:
        return await answered(self._command("pause", PrinterStatus.PRINTING))

    async def resume(self) -> base.CommandReply:
        return await answered(self._command("resume", PrinterStatus.PAUSED))

    async def cancel(self) -> base.CommandReply:
        return await answered(self._command("stop", *base.ACTIVE))

    async def emergency_stop(self) -> base.CommandReply:
        return base.Refused("there is no emergency stop by network: use the printer's own", retryable=False)

    async def clear(self) -> base.CommandReply:
        return await answered(self._clear())

    async def recover(self) -> base.CommandReply:
        return base.Refused(ON_SCREEN, retryable=False)

    async def reconcile(self, attempt: str) -> base.Reconciled:
        work = await self._work()
        names = await self._files.names()
        if _note(attempt) not in names:
            return base.Reconciled(attempt, base.AttemptFate.NOT_STARTED)
        ended = next((fate for fate in base.AttemptFate if _note(attempt, fate) in names), None)
        found = reconciled_of(attempt, ended, work)
        over = found.fate not in (base.AttemptFate.RUNNING, base.AttemptFate.UNKNOWN)
        if over and ended is None and found.reason != UNSEEN:
            await self._files.note(_note(attempt, found.fate), found.reason or "")
        return found

    async def discard(self, remote_name: str, attempt: str) -> None:
        now = task_parts((await self._work()).task)[0]
        ours = {plain_name(remote_name) + SUFFIX}
        if attempt != now:
            # The newest one's tell what the printer shows: they go with the next.
            ours |= {_note(attempt), *(_note(attempt, fate) for fate in base.AttemptFate)}
        for name in await self._files.names():
            old = name.endswith(CLEARED) and name != _note(now or "", "cleared")
            if name in ours or (old and name.startswith(NOTE)):
                await self._files.drop(name)

    async def close(self) -> None:
        await self._line.close()

    async def _work(self) -> Work:
        return work_of(await self._line.report())

    async def _look(self) -> base.Snapshot:
        work = await self._work()
        over = work.status is PrinterStatus.FINISHED_UNCLEARED
        cleared = over and await self._is_cleared(work)
        if not over:
            self._cleared = None
        return snapshot_of(work, await self._line.seen_at(), cleared=cleared)

    async def _is_cleared(self, work: Work) -> bool:
        """Asked of the printer's storage once for each connection and print."""
        known = self._cleared
        if known is None or known[:2] != (self._line.number, work.task):
            attempt, _ = task_parts(work.task)
            cleared = attempt is not None and _note(attempt, "cleared") in await self._files.names()
            self._cleared = known = (self._line.number, work.task, cleared)
        return known[2]

    async def _start(self, remote_name: str, attempt: str) -> base.StartReply:
        if (reply := earlier(await self.reconcile(attempt), UNSEEN)) is not None:
            return reply
        status = (await self._look()).status
        if status is not PrinterStatus.READY:
            return not_now(status)
        if remote_name + SUFFIX not in await self._files.names():
            return base.Refused(f"there is no {remote_name} on the printer", retryable=False)
        try:
            await self._files.note(_note(attempt), remote_name)
            return await self._begin(remote_name, attempt)
        except PrinterUnreachable as error:
            return base.Unknown(str(error))

    async def _begin(self, remote_name: str, attempt: str) -> base.StartReply:
        """From here on the attempt counts as started until its file is gone again."""
        place = f"ftp:///{remote_name}{SUFFIX}"
        name = task_of(attempt, remote_name)
        reply = await self._line.ask("print", "project_file", url=place, subtask_name=name, **PRINT)
        if not _agreed(reply):
            await self._files.drop(_note(attempt))
            return base.Refused(_reason(reply), retryable=True)
        return await begun(self, attempt, UNSEEN)

    async def _command(self, command: str, *when: PrinterStatus) -> base.CommandReply:
        status = (await self._work()).status
        if status not in when:
            return not_now(status)
        reply = await self._line.ask("print", command, param="")
        return base.Accepted() if _agreed(reply) else base.Refused(_reason(reply), retryable=True)

    async def _clear(self) -> base.CommandReply:
        """A print that is over stays in the reports until the next; its storage tells of the plate."""
        work = await self._work()
        if work.status is PrinterStatus.READY:
            return base.Accepted()
        if work.status is not PrinterStatus.FINISHED_UNCLEARED:
            return not_now(work.status)
        attempt, _ = task_parts(work.task)
        if attempt is not None:
            await self._files.note(_note(attempt, "cleared"), "")
        self._cleared = (self._line.number, work.task, True)
        return base.Accepted()


def _note(attempt: str, what: str = "started") -> str:
    return f"{NOTE}{attempt}.{what.lower()}.txt"


def _agreed(reply: Report) -> bool:
    return str(reply.get("result")).lower() == "success"


def _reason(reply: Report) -> str:
    return f"the printer says {reply.get('result')}: {reply.get('reason') or 'no reason given'}"
