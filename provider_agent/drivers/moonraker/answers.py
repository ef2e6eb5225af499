"""Moonraker's JSON, read into the shapes of base.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import ACTIVE, AttemptFate, Definition, Reconciled, Snapshot
from provider_agent.drivers.cameras import own_camera
from provider_agent.drivers.common import box_um, length_um
from provider_agent.drivers.errors import PrinterMisspoke

LOST = "Moonraker neither prints this attempt nor has it in its history"
_HOST = {
    "disconnected": PrinterStatus.DISCONNECTED,
    "startup": PrinterStatus.DISCONNECTED,
    "shutdown": PrinterStatus.FAULT,
    "error": PrinterStatus.FAULT,
}
_PRINT = {
    "standby": PrinterStatus.READY,
    "printing": PrinterStatus.PRINTING,
    "paused": PrinterStatus.PAUSED,
    "complete": PrinterStatus.FINISHED_UNCLEARED,
    "cancelled": PrinterStatus.FINISHED_UNCLEARED,
    "error": PrinterStatus.FINISHED_UNCLEARED,
}
STRAIGHT = ("cartesian", "corexy", "corexz", "hybrid_corexy", "hybrid_corexz", "limited_cartesian")
INTERRUPTED = "interrupted"
_BAD = ("cancelled", "error")
_FATES = {
    "in_progress": AttemptFate.RUNNING,
    "completed": AttemptFate.FINISHED,
    "cancelled": AttemptFate.CANCELLED,
}


@dataclass(frozen=True)
class Intent:
    """What the driver notes in Moonraker's database before a start: the file, and the newest job by then."""

    file: str
    before: str | None


def host_of(info: dict[str, Any]) -> str:
    """The state of the Klipper host in /server/info. Raises PrinterMisspoke."""
    try:
        result = info["result"]
        return str(result["klippy_state"]) if result["klippy_connected"] else "disconnected"
    except (KeyError, TypeError) as error:
        raise PrinterMisspoke(f"not Moonraker's /server/info: {error!r}") from error


def camera_of(answer: dict[str, Any], url: str) -> str | None:
    """Of the cameras that are switched on, the first that gives stills. Raises PrinterMisspoke.

    A relative address counts, as in the pages of Klipper's screens, from the host's usual port.
    """
    try:
        cameras = [one for one in answer["result"]["webcams"] if one.get("enabled", True)]
        told = [one["snapshot_url"] for one in cameras if one.get("snapshot_url")]
    except (AttributeError, KeyError, TypeError) as error:
        raise PrinterMisspoke(f"not Moonraker's /server/webcams/list: {error!r}") from error
    front = urlsplit(url)
    host = f"[{front.hostname}]" if ":" in (front.hostname or "") else front.hostname
    found = (own_camera(one, f"{front.scheme}://{host}") for one in told)
    return next((one for one in found if one is not None), None)


def away(host: str, observed_at: float) -> Snapshot:
    """The snapshot of a printer whose Klipper host is not there to be asked."""
    status = _HOST.get(host, PrinterStatus.UNKNOWN)
    return Snapshot(status, observed_at, reason=f"the Klipper host is {host}")


def snapshot_of(answer: dict[str, Any], observed_at: float) -> Snapshot:
    """What /printer/objects/query says. The host outranks the print: after a fault that still says "paused".

    Raises PrinterMisspoke.
    """
    try:
        told = answer["result"]["status"]
        host, printing = told["webhooks"], told["print_stats"]
        state, file = str(printing["state"]), str(printing["filename"])
        known = _PRINT.get(state, PrinterStatus.UNKNOWN)
        status = known if host["state"] == "ready" else _HOST.get(host["state"], PrinterStatus.UNKNOWN)
        ended_badly = state if state in _BAD else ""
        reason = printing["message"] or ended_badly if host["state"] == "ready" else host["state_message"]
        return Snapshot(
            status=status,
            observed_at=observed_at,
            reason=str(reason) or (state if status is PrinterStatus.UNKNOWN else None),
            progress=_number(told.get("virtual_sdcard", {}).get("progress")) if file else None,
            layer=printing.get("info", {}).get("current_layer"),
            nozzle_c=_number(told.get("extruder", {}).get("temperature")),
            bed_c=_number(told.get("heater_bed", {}).get("temperature")),
            position_um=_micrometres(told.get("toolhead", {}).get("position")),
            job=file or None,
            nozzle_target_c=_number(told.get("extruder", {}).get("target")),
            bed_target_c=_number(told.get("heater_bed", {}).get("target")),
            nozzle_power=_number(told.get("extruder", {}).get("power")),
            bed_power=_number(told.get("heater_bed", {}).get("power")),
            flow=_number(told.get("gcode_move", {}).get("extrude_factor")),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not Moonraker's /printer/objects/query: {error!r}") from error


def definition_of(answer: dict[str, Any]) -> Definition:
    """How far straight axes reach from zero, and the nozzle; other kinematics say nothing of a box.

    Raises PrinterMisspoke.
    """
    try:
        told = answer["result"]["status"]
        toolhead, settings = told["toolhead"], told["configfile"]["settings"]
        nozzle = length_um(settings.get("extruder", {}).get("nozzle_diameter"))
        if settings["printer"]["kinematics"] not in STRAIGHT:
            return Definition(nozzle_um=nozzle)
        reach = zip(toolhead["axis_minimum"][:3], toolhead["axis_maximum"][:3], strict=True)
        return Definition(box_um(*(far - max(near, 0) for near, far in reach)), nozzle)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not Klipper's toolhead and settings: {error!r}") from error


def intent_of(answer: dict[str, Any]) -> Intent:
    """A note read back from the database. Raises PrinterMisspoke."""
    try:
        return Intent(**answer["result"]["value"])
    except (KeyError, TypeError) as error:
        raise PrinterMisspoke(f"not a note of ours in Moonraker's database: {error!r}") from error


def jobs_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The jobs of /server/history/list, the newest first. Raises PrinterMisspoke."""
    try:
        return [dict(job) for job in answer["result"]["jobs"]]
    except (KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not Moonraker's /server/history/list: {error!r}") from error


def reconciled_of(attempt: str, intent: Intent, jobs: list[dict[str, Any]]) -> Reconciled:
    """The job of this file since the intent. Raises PrinterMisspoke."""
    try:
        found = None
        for job in jobs:
            if job["job_id"] == intent.before:
                break
            if job["filename"] == intent.file:
                found = job
        if found is None:
            return Reconciled(attempt, AttemptFate.FAILED, LOST)
        fate = _FATES.get(found["status"], AttemptFate.FAILED)
        return Reconciled(
            attempt,
            fate,
            reason=None if fate in (AttemptFate.RUNNING, AttemptFate.FINISHED) else str(found["status"]),
            started_at=_number(found["start_time"]),
            finished_at=_number(found["end_time"]),
            print_seconds=_number(found["total_duration"]),
            extruded_mm=_number(found["filament_used"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not a job of Moonraker's history: {error!r}") from error


def unlisted_of(attempt: str, now: Snapshot) -> Reconciled:
    """An attempt whose file the host has in hand, by the host's account alone."""
    if now.status in ACTIVE:
        return Reconciled(attempt, AttemptFate.RUNNING)
    if now.status is PrinterStatus.FINISHED_UNCLEARED and now.reason is None:
        return Reconciled(attempt, AttemptFate.FINISHED)
    fate = AttemptFate.CANCELLED if now.reason == "cancelled" else AttemptFate.FAILED
    return Reconciled(attempt, fate, now.reason)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _micrometres(position: list[float] | None) -> tuple[int, int, int] | None:
    if position is None:
        return None
    x, y, z = (round(float(value) * 1000) for value in position[:3])
    return x, y, z
