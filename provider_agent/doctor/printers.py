"""The printers, and the slicer that makes their G-code."""

from __future__ import annotations

from functools import partial

from protocol.statuses import PrinterStatus
from provider_agent.camera import still_take
from provider_agent.doctor.checks import Check, Finding, failed, ok, warning
from provider_agent.doctor.subject import Subject
from provider_agent.drivers import access_of
from provider_agent.drivers.errors import PrinterError
from provider_agent.errors import CameraFailed
from provider_agent.fleet import Printer
from slicers import cura, errors, prusa

CAMERA_SECONDS = 12.0
"""More than a still may take."""
BROKEN = (PrinterStatus.FAULT, PrinterStatus.DISCONNECTED, PrinterStatus.UNKNOWN)


def printer_checks(subject: Subject) -> list[Check]:
    """One of each printer, and the slicer's."""
    found = [Check(f"printer {one.serial}", partial(_printer, one)) for one in subject.fleet.all()]
    seeing = [
        Check(f"camera {one.serial}", partial(_camera, one), seconds=CAMERA_SECONDS)
        for one in subject.fleet.all()
        if one.config.camera
    ]
    return [*found, *seeing, Check("slicer", _slicer)]


async def _camera(printer: Printer) -> Finding:
    entry = printer.config
    try:
        still, _ = await still_take(entry.camera or "", access_of(entry.driver, entry.url, entry.secret))
    except CameraFailed as error:
        return warning(str(error), "see the printer's `camera` in agent.toml; prints go on without stills")
    return ok(f"its camera gives a still of {len(still) / 1000:.0f} kB")


async def _printer(printer: Printer) -> Finding:
    snapshot = await printer.driver.snapshot()
    if snapshot.status is PrinterStatus.UNREACHABLE:
        return failed(
            f"does not answer at {printer.config.url}: {snapshot.reason or 'no reason given'}",
            "switch it and its software on, and see its url and secret in agent.toml",
        )
    if snapshot.status in BROKEN:
        return failed(
            f"is {snapshot.status}: {snapshot.reason or 'no reason given'}", "look at the printer itself"
        )
    made = await printer.driver.identify()
    text = f"{snapshot.status}: {made.make} {made.model} ({made.software})"
    if snapshot.status is PrinterStatus.PAUSED:
        return warning(f"{text}: {snapshot.reason or 'paused'}", "see what it waits for, and resume it")
    return ok(text + await _unused_camera(printer))


async def _unused_camera(printer: Printer) -> str:
    """A camera that its software names, and agent.toml does not."""
    if printer.config.camera:
        return ""
    try:
        named = await printer.driver.camera()
    except PrinterError:
        return ""
    return f'; for stills of its camera write camera = "{named}" in agent.toml' if named else ""


async def _slicer() -> Finding:
    if binary := prusa.installed():
        return ok(f"prusa-slicer is at {binary}")
    try:
        return ok(f"cura-wasm is at {cura.engine_folder()}, run by {cura.node()}")
    except errors.SlicerMissing as error:
        return failed(
            f"no slicer is installed: {error}", "install prusa-slicer: nothing can be printed without"
        )
