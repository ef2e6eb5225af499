"""OctoPrint's JSON, read into the shapes of base.py."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import ACTIVE, AttemptFate, Definition, Reconciled, Snapshot
from provider_agent.drivers.cameras import own_camera
from provider_agent.drivers.common import box_um, length_um
from provider_agent.drivers.errors import PrinterMisspoke

FOLDER = "attempt-"
LOST = "OctoPrint lost this print: it is neither printing it nor has it a record of its end"
UNSAID = "OctoPrint records no reason for the end of a print"
_STATUSES = {
    "Offline": PrinterStatus.DISCONNECTED,
    "Opening serial connection": PrinterStatus.DISCONNECTED,
    "Detecting serial connection": PrinterStatus.DISCONNECTED,
    "Connecting": PrinterStatus.DISCONNECTED,
    "Operational": PrinterStatus.READY,
    "Starting": PrinterStatus.STARTING,
    "Starting print from SD": PrinterStatus.STARTING,
    "Printing": PrinterStatus.PRINTING,
    "Printing from SD": PrinterStatus.PRINTING,
    "Finishing": PrinterStatus.PRINTING,
    "Resuming": PrinterStatus.PRINTING,
    "Pausing": PrinterStatus.PAUSING,
    "Paused": PrinterStatus.PAUSED,
    "Cancelling": PrinterStatus.CANCELLING,
    "Error": PrinterStatus.FAULT,
    "Offline after error": PrinterStatus.FAULT,
}


@dataclass(frozen=True)
class Job:
    """What /api/job says: the text of the state, the selected file, and how much of it was sent, 0..1."""

    state: str
    path: str | None
    name: str | None
    sent: float | None
    error: str | None

    @property
    def status(self) -> PrinterStatus:
        """A file that is selected and not being printed is on the plate, or meant by somebody to be."""
        status = _STATUSES.get(self.state, PrinterStatus.UNKNOWN)
        if status is PrinterStatus.READY and self.path is not None:
            return PrinterStatus.FINISHED_UNCLEARED
        return status

    @property
    def connecting(self) -> bool:
        """Whether OctoPrint is about to speak to the printer."""
        return self.status is PrinterStatus.DISCONNECTED and self.state != "Offline"

    @property
    def reason(self) -> str | None:
        """Why, where it is not simply ready or at work."""
        if self.error:
            return self.error
        told = self.status in (*ACTIVE, PrinterStatus.READY, PrinterStatus.FINISHED_UNCLEARED)
        return None if told else self.state


def job_of(answer: dict[str, Any]) -> Job:
    """What /api/job says. Raises PrinterMisspoke."""
    try:
        file, progress = answer["job"]["file"], answer["progress"]
        percent = progress["completion"]
        return Job(
            state=str(answer["state"]),
            path=file["path"],
            name=file["name"],
            sent=None if percent is None else min(1.0, float(percent) / 100),
            error=answer.get("error") or None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not OctoPrint's /api/job: {error!r}") from error


def snapshot_of(job: Job, printer: dict[str, Any], observed_at: float) -> Snapshot:
    """The job with /api/printer's temperatures (it is empty while not connected). Raises PrinterMisspoke."""
    try:
        heat = printer.get("temperature", {})
        return Snapshot(
            status=job.status,
            observed_at=observed_at,
            reason=job.reason,
            progress=job.sent,
            nozzle_c=_heat(heat.get("tool0"), "actual"),
            bed_c=_heat(heat.get("bed"), "actual"),
            nozzle_target_c=_heat(heat.get("tool0"), "target"),
            bed_target_c=_heat(heat.get("bed"), "target"),
            job=job.name,
            attempt=attempt_of(job.path),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not OctoPrint's /api/printer: {error!r}") from error


def definition_of(connection: dict[str, Any], profiles: dict[str, Any]) -> Definition:
    """The printer profile in use. Of a round bed, the largest square on it. Raises PrinterMisspoke."""
    try:
        profile = profiles["profiles"][connection["current"]["printerProfile"]]
        volume = profile["volume"]
        box = box_um(volume["width"], volume["depth"], volume["height"])
        if box and volume.get("formFactor") == "circular":
            box = (_of_circle(box[0]), _of_circle(box[1]), box[2])
        return Definition(box, length_um(profile["extruder"]["nozzleDiameter"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not OctoPrint's printer profile: {error!r}") from error


def camera_of(settings: dict[str, Any], url: str) -> str | None:
    """Where the webcam for snapshots gives one; a key may be too weak to be told. Raises PrinterMisspoke."""
    webcam = settings.get("webcam")
    if not isinstance(webcam, dict):
        raise PrinterMisspoke("not OctoPrint's settings: no webcam in them")
    if webcam.get("webcamEnabled") is False:
        return None
    listed = webcam.get("webcams")
    named = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    chosen = next((one for one in named if one.get("name") == webcam.get("snapshotWebcam")), {})
    compat = chosen.get("compat")
    told = compat.get("snapshot") if isinstance(compat, dict) else None
    return own_camera(told or webcam.get("snapshotUrl"), url)


def _of_circle(diameter_um: int) -> int:
    """The side of the largest square in it."""
    return round(diameter_um * math.sqrt(0.5))


def attempt_of(path: str | None) -> str | None:
    """The attempt whose copy lies at this path; None for files of other people's."""
    folder, slash, _ = (path or "").partition("/")
    return folder.removeprefix(FOLDER) if slash and folder.startswith(FOLDER) else None


def reconciled_of(attempt: str, job: Job, children: list[dict[str, Any]]) -> Reconciled:
    """An attempt by the files of its folder, asked for after the job. Raises PrinterMisspoke."""
    if not children:
        return Reconciled(attempt, AttemptFate.NOT_STARTED)
    try:
        last = (children[0].get("prints") or {}).get("last")
        chosen = attempt_of(job.path) == attempt
        if chosen and job.status in ACTIVE:
            return Reconciled(attempt, AttemptFate.RUNNING)
        if last is not None:
            return _ended(attempt, chosen, job, last)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not OctoPrint's record of a file: {error!r}") from error
    if chosen or job.status is PrinterStatus.UNKNOWN:
        # The record of an end is written a moment after the status has changed.
        return Reconciled(attempt, AttemptFate.UNKNOWN, "OctoPrint has not written down the end of it yet")
    return Reconciled(attempt, AttemptFate.FAILED, LOST)


def _ended(attempt: str, chosen: bool, job: Job, last: dict[str, Any]) -> Reconciled:
    """A fault makes OctoPrint let go of the file; a cancelled one stays selected. Why, it tells only while
    the fault lasts."""
    seconds, finished_at = last.get("printTime"), float(last["date"])
    if last["success"]:
        fate, reason = AttemptFate.FINISHED, None
    else:
        fate = AttemptFate.CANCELLED if chosen else AttemptFate.FAILED
        reason = job.error or UNSAID
    return Reconciled(
        attempt,
        fate,
        reason,
        started_at=None if seconds is None else finished_at - float(seconds),
        finished_at=finished_at,
        print_seconds=None if seconds is None else float(seconds),
    )


def _heat(heater: dict[str, Any] | None, name: str) -> float | None:
    return None if heater is None or heater.get(name) is None else float(heater[name])
