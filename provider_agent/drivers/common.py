"""What drivers of several kinds do alike: turning errors into replies, waiting and polling, starting an
attempt at most once, digests of files."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import (
    AttemptFate,
    Driver,
    Reconciled,
    Refused,
    Snapshot,
    Started,
    StartReply,
    Unknown,
)
from provider_agent.drivers.errors import (
    PrinterForbids,
    PrinterMisspoke,
    PrinterSilent,
    PrinterUnreachable,
    UploadRefused,
)

POLL_SECONDS = 1.0
AGAIN_SECONDS = 0.1
START_SECONDS = 15.0
LONGEST_UM = 10_000_000
"""No printer is larger than ten metres."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\.gcode")

T = TypeVar("T")


async def answered(call: Awaitable[T]) -> T | Refused | Unknown:
    """The answer of a call. A request that may have arrived leaves us in doubt; one that cannot have is as
    good as refused."""
    try:
        return await call
    except PrinterSilent as error:
        return Unknown(str(error))
    except (PrinterUnreachable, PrinterForbids) as error:
        return Refused(str(error), retryable=True)
    except PrinterMisspoke as error:
        return Unknown(str(error))


async def looked(look: Awaitable[Snapshot]) -> Snapshot:
    """A snapshot, which also a printer that does not answer, or not in its right mind, has."""
    try:
        return await look
    except PrinterUnreachable as error:
        return Snapshot(PrinterStatus.UNREACHABLE, time.time(), reason=str(error))
    except PrinterMisspoke as error:
        return Snapshot(PrinterStatus.UNKNOWN, time.time(), reason=str(error))


async def polled(look: Callable[[], Awaitable[Snapshot]]) -> AsyncIterator[Snapshot]:
    """Events of a server that is asked instead of telling: a snapshot every POLL_SECONDS that differs.

    Raises what `look` raises.
    """
    before: Snapshot | None = None
    while True:
        now = await look()
        if before is None or _told(now) != _told(before):
            yield now
        before = now
        await asyncio.sleep(POLL_SECONDS)


async def until(check: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Whether it comes true in time. Raises what `check` raises."""
    deadline = time.monotonic() + seconds
    while not await check():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(AGAIN_SECONDS)
    return True


def not_now(status: PrinterStatus) -> Refused:
    """To a command that the printer may take later."""
    return Refused(f"the printer is {status}", retryable=True)


def earlier(known: Reconciled, lost: str) -> StartReply | None:
    """The reply to a start of an attempt that an earlier call began, or may have; None where none did.

    `lost`: the reason of an attempt that left nothing behind.
    """
    if known.fate is AttemptFate.NOT_STARTED:
        return None
    if known.fate is AttemptFate.UNKNOWN or known.reason == lost:
        return Unknown(known.reason or "an earlier start of this attempt")
    return Started(known.attempt, repeated=True)


async def begun(driver: Driver, attempt: str, lost: str) -> StartReply:
    """The reply to a start that the printer's server took, which is believed once the attempt shows."""

    async def shows() -> bool:
        found = await driver.reconcile(attempt)
        return found.fate is not AttemptFate.UNKNOWN and found.reason != lost

    if await until(shows, START_SECONDS):
        return Started(attempt)
    return Unknown(f"the start was taken, but nothing prints after {START_SECONDS:.0f} s")


def plain_name(name: str) -> str:
    """The name, if every server keeps it as it is. Raises UploadRefused."""
    if not _PLAIN.fullmatch(name):
        raise UploadRefused(f"the file name {name!r} is not letters, digits, - and _ ending in .gcode")
    return name


def length_um(millimetres: Any) -> int | None:
    """A length in micrometres; None for what cannot be one of a printer."""
    number = isinstance(millimetres, int | float) and not isinstance(millimetres, bool)
    found = float(millimetres) * 1000 if number else 0.0
    return round(found) if 1 <= found <= LONGEST_UM else None


def box_um(*millimetres: Any) -> tuple[int, int, int] | None:
    """Width, depth and height in micrometres; None where one of them cannot be."""
    x, y, z = (length_um(one) for one in millimetres)
    return None if x is None or y is None or z is None else (x, y, z)


async def digest_of_file(path: Path, algorithm: str) -> tuple[str, int]:
    """Digest in hex and size in bytes of a file, computed beside the loop."""
    return await asyncio.to_thread(_digest, path, algorithm)


def _digest(path: Path, algorithm: str) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest(), file.tell()


def _told(snapshot: Snapshot) -> tuple[object, ...]:
    """All that a snapshot says but for when."""
    return tuple(value for name, value in vars(snapshot).items() if name != "observed_at")
