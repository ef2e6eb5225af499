"""The shape of every printer driver: what the agent may ask, and what it may believe of the answers.

A driver speaks one printer software's API and nothing else. It keeps no memory of its own: what must
survive a restart is in the agent's journal and in the printer, and `reconcile` compares the two.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from protocol.statuses import PrinterStatus

ACTIVE = frozenset(
    {
        PrinterStatus.STARTING,
        PrinterStatus.PRINTING,
        PrinterStatus.PAUSING,
        PrinterStatus.PAUSED,
        PrinterStatus.CANCELLING,
    }
)


@dataclass(frozen=True)
class DriverCapabilities:
    """What this driver can do or learn. A command it cannot carry out answers Refused, it never raises."""

    pause: bool
    emergency_stop: bool
    recover: bool
    clear: bool
    """The printer's own "plate not cleared" mark outlives faults and power cuts; where False the agent's
    journal has to keep it."""
    attempts: bool
    """The printer remembers attempt ids, so a start may be repeated and reconcile is certain."""
    upload_digest: str | None
    """The algorithm by which the printer says what arrived ("sha256", "sha1"), None where it says nothing."""
    pushed_events: bool
    counts_pauses: bool = False
    """`print_seconds` goes on while a print is paused."""


@dataclass(frozen=True)
class Identity:
    """Which printer answers at this address."""

    make: str
    model: str
    serial: str
    firmware: str
    software: str


@dataclass(frozen=True)
class Definition:
    """What the printer's software is set up for, micrometres; None where it does not say."""

    bed_um: tuple[int, int, int] | None = None
    nozzle_um: int | None = None


@dataclass(frozen=True)
class Snapshot:
    """What the printer reports at one moment; None where it does not say.

    `progress` is 0..1 and never a ground for money. `observed_at` is epoch seconds on the agent's clock.
    `attempt` is None where the printer software knows no attempt ids. A target of 0 is a heater that is off;
    `flow` is the share of the G-code's filament that is pushed, a power the share of a heater's own.
    """

    status: PrinterStatus
    observed_at: float
    reason: str | None = None
    progress: float | None = None
    layer: int | None = None
    nozzle_c: float | None = None
    bed_c: float | None = None
    position_um: tuple[int, int, int] | None = None
    job: str | None = None
    attempt: str | None = None
    nozzle_target_c: float | None = None
    bed_target_c: float | None = None
    nozzle_power: float | None = None
    bed_power: float | None = None
    flow: float | None = None


@dataclass(frozen=True)
class Uploaded:
    """A file on the printer. `verified`: its digest, by the printer or read back from it, equals ours."""

    remote_name: str
    size: int
    verified: bool


@dataclass(frozen=True)
class Started:
    """The printer says this attempt has begun (`repeated`: an earlier call began it; it ran once)."""

    attempt: str
    repeated: bool = False


@dataclass(frozen=True)
class Accepted:
    """The printer took the command; the next snapshots show what came of it."""


@dataclass(frozen=True)
class Refused:
    """The command certainly had no effect. `retryable`: the same call may succeed later."""

    reason: str
    retryable: bool


@dataclass(frozen=True)
class Unknown:
    """The command may or may not have had effect: reconcile before doing anything else."""

    reason: str


StartReply = Started | Refused | Unknown
CommandReply = Accepted | Refused | Unknown


class AttemptFate(StrEnum):
    """What became of one attempt, by the printer's own account."""

    NOT_STARTED = "NOT_STARTED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Reconciled:
    """The printer's record of one attempt.

    Times are epoch seconds on the printer's clock, `print_seconds` the machine's own time at work;
    `extruded_mm` of filament; `file_sha256` without 0x. None where the printer keeps no such record.
    """

    attempt: str
    fate: AttemptFate
    reason: str | None = None
    started_at: float | None = None
    finished_at: float | None = None
    print_seconds: float | None = None
    extruded_mm: float | None = None
    layers: int | None = None
    file_sha256: str | None = None


class Driver(ABC):
    """One printer. Used as an async context manager, or closed with `close()`.

    identify, definition, camera, upload, events, reconcile and discard raise PrinterUnreachable (retryable)
    and PrinterMisspoke (an answer that this driver cannot read). snapshot, start and the commands never
    raise: they have an answer for everything.
    """

    @abstractmethod
    def capabilities(self) -> DriverCapabilities:
        """What this driver can do, known without asking the printer."""

    @abstractmethod
    async def identify(self) -> Identity:
        """Who is at the other end."""

    async def definition(self) -> Definition:
        """How large its prints may be, and its nozzle, as far as it says; its owner knows better."""
        return Definition()

    async def camera(self) -> str | None:
        """Where its software gives a still of this printer, on the printer's own host; None for nowhere."""
        return None

    @abstractmethod
    async def snapshot(self) -> Snapshot:
        """The printer now: one that does not answer is UNREACHABLE, one that answers nonsense UNKNOWN, both
        with a reason."""

    @abstractmethod
    def events(self) -> AsyncIterator[Snapshot]:
        """Snapshots as they change, the newest only: a slow reader misses the ones between. Starts with the
        present one and raises PrinterUnreachable when the line is lost."""

    @abstractmethod
    async def upload(self, path: Path, remote_name: str) -> Uploaded:
        """Put a file on the printer and check what arrived; starts nothing. The same file under the same name
        again is harmless. Raises UploadRefused, UploadDamaged."""

    @abstractmethod
    async def start(self, remote_name: str, attempt: str) -> StartReply:
        """Begin printing an uploaded file. Write the intent down first, and never repeat the call blindly
        after Unknown: reconcile. `attempt` is an id of the caller's, unique for ever."""

    @abstractmethod
    async def pause(self) -> CommandReply:
        """Stop moving after the move in hand, keep the temperatures."""

    @abstractmethod
    async def resume(self) -> CommandReply:
        """Go on from a pause."""

    @abstractmethod
    async def cancel(self) -> CommandReply:
        """End the print in hand; what is on the plate stays there."""

    @abstractmethod
    async def emergency_stop(self) -> CommandReply:
        """Cut heaters and motors at once; the printer is in FAULT afterwards."""

    @abstractmethod
    async def clear(self) -> CommandReply:
        """Record that a person (or the machine) has emptied the plate."""

    @abstractmethod
    async def recover(self) -> CommandReply:
        """Reset a printer in FAULT or DISCONNECTED. Resumes no print."""

    @abstractmethod
    async def reconcile(self, attempt: str) -> Reconciled:
        """What the printer knows of this attempt, for a restarted agent or after an Unknown start."""

    @abstractmethod
    async def discard(self, remote_name: str, attempt: str) -> None:
        """Delete the file of an attempt that is over for good, and copies of it; files of nobody else. What
        the printer remembers of the attempt may go with it. Where nothing is there it is harmless."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
