"""A Bambu printer's reports, read into the shapes of base.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import ACTIVE, AttemptFate, Reconciled, Snapshot
from provider_agent.drivers.errors import PrinterMisspoke

UNSEEN = "the printer knows nothing of this attempt any more, and nobody saw it end"
UNSAID = "the printer keeps no reason for the end of a print"
CANCELLED = frozenset({0x0300_400C, 0x0500_400E})
"""What `print_error` is for a moment after somebody has stopped a print."""
_BETWEEN = "@"
_STATUSES = {
    "IDLE": PrinterStatus.READY,
    "INIT": PrinterStatus.STARTING,
    "PREPARE": PrinterStatus.STARTING,
    "SLICING": PrinterStatus.STARTING,
    "RUNNING": PrinterStatus.PRINTING,
    "PAUSE": PrinterStatus.PAUSED,
    "FINISH": PrinterStatus.FINISHED_UNCLEARED,
    "OFFLINE": PrinterStatus.DISCONNECTED,
}


@dataclass(frozen=True)
class Work:
    """What the printer reports. `task` is the name its print was started under; `sent` is 0..1; `error` is 0
    where it reports none."""

    state: str
    task: str
    sent: float | None
    layer: int | None
    nozzle_c: float | None
    bed_c: float | None
    error: int
    nozzle_target_c: float | None = None
    bed_target_c: float | None = None

    @property
    def status(self) -> PrinterStatus:
        """FAILED is a stopped print as well as a broken printer; the error tells."""
        if self.state == "FAILED":
            return PrinterStatus.FAULT if self.broken else PrinterStatus.FINISHED_UNCLEARED
        return _STATUSES.get(self.state, PrinterStatus.UNKNOWN)

    @property
    def broken(self) -> bool:
        """Whether it stopped for an error and not for a person."""
        return self.error != 0 and self.error not in CANCELLED

    @property
    def reason(self) -> str | None:
        """Why, where it is not simply ready or at work."""
        if self.error:
            return f"error {self.error >> 16:04X}-{self.error & 0xFFFF:04X}"
        known = self.state in _STATUSES
        return None if known else f"the printer says {self.state}"


def work_of(report: dict[str, Any]) -> Work:
    """A merged report. Raises PrinterMisspoke."""
    try:
        sent, layer = report.get("mc_percent"), report.get("layer_num")
        return Work(
            state=str(report["gcode_state"]),
            task=str(report.get("subtask_name") or ""),
            sent=None if sent is None else min(1.0, float(sent) / 100),
            layer=None if layer is None else int(layer),
            nozzle_c=_number(report.get("nozzle_temper")),
            bed_c=_number(report.get("bed_temper")),
            nozzle_target_c=_number(report.get("nozzle_target_temper")),
            bed_target_c=_number(report.get("bed_target_temper")),
            error=int(report.get("print_error") or 0),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not a Bambu printer's report: {error!r}") from error


def snapshot_of(work: Work, observed_at: float, *, cleared: bool) -> Snapshot:
    """The snapshot. A print that is over stays in the reports; `cleared`: its plate is empty."""
    over = work.status is PrinterStatus.FINISHED_UNCLEARED
    attempt, file = task_parts(work.task)
    return Snapshot(
        status=PrinterStatus.READY if over and cleared else work.status,
        observed_at=observed_at,
        reason=None if over and cleared else work.reason,
        progress=1.0 if work.state == "FINISH" else work.sent,
        layer=work.layer,
        nozzle_c=work.nozzle_c,
        bed_c=work.bed_c,
        nozzle_target_c=work.nozzle_target_c,
        bed_target_c=work.bed_target_c,
        job=file or None,
        attempt=attempt,
    )


def task_of(attempt: str, remote_name: str) -> str:
    """The name a print is started under: the printer tells it for as long as it remembers the print."""
    return f"{attempt}{_BETWEEN}{remote_name}"


def task_parts(task: str) -> tuple[str | None, str]:
    """The attempt (None for prints of other people's) and the file of a name."""
    attempt, between, file = task.partition(_BETWEEN)
    return (attempt, file) if between else (None, task)


def reconciled_of(attempt: str, ended: AttemptFate | None, work: Work) -> Reconciled:
    """An attempt that was begun, by the noted end and by what the printer reports now."""
    if ended is not None:
        return Reconciled(attempt, ended, None if ended is AttemptFate.FINISHED else UNSAID)
    if task_parts(work.task)[0] != attempt:
        return Reconciled(attempt, AttemptFate.FAILED, UNSEEN)
    if work.status in ACTIVE or work.state == "FINISH":
        fate = AttemptFate.RUNNING if work.status in ACTIVE else AttemptFate.FINISHED
        return Reconciled(attempt, fate)
    if work.state == "FAILED":
        fate = AttemptFate.FAILED if work.broken else AttemptFate.CANCELLED
        return Reconciled(attempt, fate, work.reason or UNSAID)
    idle = work.state == "IDLE"
    fate, reason = (AttemptFate.FAILED, UNSEEN) if idle else (AttemptFate.UNKNOWN, work.reason)
    return Reconciled(attempt, fate, reason)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
