"""PrusaLink's JSON, read into the shapes of base.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import ACTIVE, AttemptFate, Reconciled, Snapshot
from provider_agent.drivers.errors import PrinterMisspoke

FOLDER, FILE, JOB, ENDED = "attempt-", "of-", "job-", "ended-"
SNAP = "api/v1/cameras/snap"
"""The last picture of the first camera that takes any."""
UNSEEN = "PrusaLink keeps no record of how a print ended, and nobody was there to see"
UNSAID = "PrusaLink keeps no reason for the end of a print"
_STATUSES = {
    "PRINTING": PrinterStatus.PRINTING,
    "PAUSED": PrinterStatus.PAUSED,
    "FINISHED": PrinterStatus.FINISHED_UNCLEARED,
    "STOPPED": PrinterStatus.FINISHED_UNCLEARED,
    "ERROR": PrinterStatus.FAULT,
}
_IDLE = ("IDLE", "READY")
_ASIDE = {"ATTENTION": (PrinterStatus.PAUSED, PrinterStatus.FAULT)}
_ASIDE["BUSY"] = (PrinterStatus.STARTING, PrinterStatus.UNKNOWN)
"""States that do not tell whether there is a print: what they are with a job, and without."""
_ENDS = {"FINISHED": AttemptFate.FINISHED, "STOPPED": AttemptFate.CANCELLED, "ERROR": AttemptFate.FAILED}


def has_camera(answer: dict[str, Any]) -> bool:
    """Whether one of /api/v1/cameras is connected. Raises PrinterMisspoke."""
    try:
        return any(one["connected"] for one in answer["camera_list"])
    except (KeyError, TypeError) as error:
        raise PrinterMisspoke(f"not PrusaLink's /api/v1/cameras: {error!r}") from error


@dataclass(frozen=True)
class Work:
    """What PrusaLink says it is doing.

    `file`: of the job, or the one that stays chosen after it, by its name. `busy`: a job is in hand, whose id
    is `job`. `sent`: 0..1.
    """

    state: str
    file: str | None
    job: int | None
    busy: bool
    sent: float | None
    nozzle_c: float | None
    bed_c: float | None
    message: str | None
    nozzle_target_c: float | None = None
    bed_target_c: float | None = None
    flow: float | None = None

    @property
    def status(self) -> PrinterStatus:
        """A file that is chosen and not being printed is on the plate, or meant by somebody to be."""
        if self.state in _IDLE:
            return PrinterStatus.FINISHED_UNCLEARED if self.file else PrinterStatus.READY
        if self.state in _ASIDE:
            return _ASIDE[self.state][0 if self.busy else 1]
        return _STATUSES.get(self.state, PrinterStatus.UNKNOWN)

    @property
    def reason(self) -> str | None:
        """Why, where it is not simply ready or at work."""
        if self.state in _IDLE or self.state in ("PRINTING", "PAUSED", "FINISHED"):
            return None
        return f"{self.state}: {self.message}" if self.message else f"PrusaLink says {self.state}"


@dataclass(frozen=True)
class Notes:
    """What this driver left in an attempt's folder: the file, the job's id, how it ended."""

    file: str
    job: int | None
    fate: AttemptFate | None


def work_of(status: dict[str, Any], job: dict[str, Any], chosen: dict[str, Any]) -> Work:
    """/api/v1/status with /api/v1/job (empty without one) and /api/job, which knows the chosen file.

    Raises PrinterMisspoke.
    """
    try:
        printer, told = status["printer"], status.get("job") or {}
        file = (job.get("file") or {}).get("display_name") or _name(chosen)
        number, sent, health = (
            told.get("id", job.get("id")),
            told.get("progress"),
            printer.get("status_printer"),
        )
        message = None if health is None or health.get("ok") else str(health.get("message"))
        return Work(
            state=str(printer["state"]),
            file=file,
            job=None if number is None else int(number),
            busy=bool(told or job),
            sent=None if sent is None else min(1.0, float(sent) / 100),
            nozzle_c=_number(printer.get("temp_nozzle")),
            bed_c=_number(printer.get("temp_bed")),
            message=message,
            nozzle_target_c=_number(printer.get("target_nozzle")),
            bed_target_c=_number(printer.get("target_bed")),
            flow=None if printer.get("flow") is None else float(printer["flow"]) / 100,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not PrusaLink's /api/v1/status: {error!r}") from error


def snapshot_of(work: Work, observed_at: float) -> Snapshot:
    """The snapshot. A finished print is complete, whatever its progress was told to be."""
    return Snapshot(
        status=work.status,
        observed_at=observed_at,
        reason=work.reason,
        progress=1.0 if work.state == "FINISHED" else work.sent,
        nozzle_c=work.nozzle_c,
        bed_c=work.bed_c,
        nozzle_target_c=work.nozzle_target_c,
        bed_target_c=work.bed_target_c,
        flow=work.flow,
        job=work.file,
    )


def storage_of(answer: dict[str, Any]) -> str:
    """The storage that takes uploads, "local" or "usb", in /api/v1/storage. Raises PrinterMisspoke."""
    try:
        for storage in answer["storage_list"]:
            if storage.get("available") and not storage.get("read_only"):
                return str(storage["path"]).strip("/")
    except (AttributeError, KeyError, TypeError) as error:
        raise PrinterMisspoke(f"not PrusaLink's /api/v1/storage: {error!r}") from error
    raise PrinterMisspoke("PrusaLink has no storage that takes files: put a USB drive into the printer")


def notes_of(folder: dict[str, Any]) -> Notes:
    """An attempt's folder. Raises PrinterMisspoke."""
    try:
        names = [str(child.get("display_name") or child["name"]) for child in folder.get("children", [])]
        found = {
            prefix: name[len(prefix) :]
            for name in names
            for prefix in (FILE, JOB, ENDED)
            if name.startswith(prefix)
        }
        fate = found.get(ENDED)
        return Notes(
            file=found[FILE],
            job=int(found[JOB]) if JOB in found else None,
            fate=None if fate is None else AttemptFate(fate),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not the folder of an attempt: {error!r}") from error


def reconciled_of(attempt: str, notes: Notes, work: Work) -> Reconciled:
    """An attempt by its notes and by what the printer does now. An end that nobody saw is not FINISHED."""
    if notes.fate is not None:
        return Reconciled(attempt, notes.fate, None if notes.fate is AttemptFate.FINISHED else UNSAID)
    ours = work.file == notes.file and (notes.job is None or work.job in (None, notes.job))
    if work.status in ACTIVE and ours:
        return Reconciled(attempt, AttemptFate.RUNNING)
    if work.state == "ERROR" or (work.state in _ENDS and ours):
        return Reconciled(attempt, _ENDS[work.state], work.reason)
    if work.status in (PrinterStatus.UNKNOWN, PrinterStatus.FAULT):
        return Reconciled(attempt, AttemptFate.UNKNOWN, work.reason)
    return Reconciled(attempt, AttemptFate.FAILED, UNSEEN)


def _name(chosen: dict[str, Any]) -> str | None:
    """The file of the older /api/job; it stays chosen after its print until it is let go."""
    name = ((chosen.get("job") or {}).get("file") or {}).get("name")
    return None if name is None else str(name)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
