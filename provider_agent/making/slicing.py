"""FETCHED -> SLICED -> QUEUED: G-code for every plate, by the provider's own profile.

There is one G-code for each part of which a copy is printed alone, and one for each sheet of the plan.
"""

from __future__ import annotations

import logging
from typing import Any

from protocol.evidence import Kind
from protocol.jobspec import Part, unfit
from protocol.statuses import MakingStatus
from protocol.units import hex_of
from provider_agent.errors import MakingFailed
from provider_agent.fleet import Printer
from provider_agent.journal.bids import BidRow, bid_get
from provider_agent.journal.makings import FileRow, Making, file_find, file_set, making_advance
from provider_agent.journal.records import record_find
from provider_agent.journal.sheets import places_json, plates_planned, sheet_drop, sheets_planned
from provider_agent.making.context import Context
from provider_agent.making.planning import model_file, plan, refused
from provider_agent.making.telling import part_json
from provider_agent.plates.plan import Sheet
from provider_agent.slicing import Sliced, SliceProfile, slice_model, slice_plate
from provider_agent.slicing.errors import SlicerMissing, SlicingError

log = logging.getLogger(__name__)

GCODE = "gcode"


async def slice_parts(context: Context, making: Making) -> None:
    """Plan the plates, and slice what is not sliced yet; one record for each G-code."""
    row = bid_get(context.journal, making.agreement)
    printer = printer_of(context, row)
    if reasons := unfit(printer.config.capability, row.spec):
        raise MakingFailed(f"{printer.serial} cannot make it any more: {' '.join(reasons)}")
    profiles = [profile_of(part, printer) for part in row.spec.parts]
    await plan(context, making, printer, profiles)
    for sheet in sheets_planned(context.journal, making.agreement):
        if file_find(context.journal, making.agreement, sheet.number, GCODE) is None:
            await _slice_sheet(context, making, sheet, profiles[sheet.layout[0][0]])
    planned = plates_planned(context.journal, making.agreement)
    for place in sorted({plate.sheet for plate in planned if plate.sheet < len(row.spec.parts)}):
        if file_find(context.journal, making.agreement, place, GCODE) is None:
            await _slice_part(context, making, row.spec.parts[place], place, profiles[place])
    making_advance(context.journal, making.agreement, MakingStatus.SLICED)


async def queue(context: Context, making: Making) -> None:
    """Everything a print needs is on disk: wait for the printer from here on."""
    making_advance(context.journal, making.agreement, MakingStatus.QUEUED)


def printer_of(context: Context, row: BidRow) -> Printer:
    """The printer that the bid names. Raises MakingFailed where agent.toml has dropped it."""
    printer = context.fleet.find(row.serial)
    if printer is None:
        raise MakingFailed(f"agent.toml has no printer {row.serial!r} any more")
    return printer


def profile_of(part: Part, printer: Printer) -> SliceProfile:
    """The printer's own profile at the part's material and quality. Raises ProfileRefused."""
    capability = printer.config.capability
    return SliceProfile(
        bed_um=capability.bed_um,
        nozzle_um=capability.nozzle_um,
        layer_um=part.layer_um,
        material=part.material,
        infill_percent=part.infill_percent,
        print_mm_s=printer.config.speed_mm_s,
    )


async def _slice_part(
    context: Context, making: Making, part: Part, place: int, profile: SliceProfile
) -> None:
    model = model_file(context, making, place, part)
    folder = context.folder(making.agreement)
    try:
        async with context.slicers:
            sliced = await slice_model(folder / model.name, profile, folder / f"part-{place}.gcode")
    except SlicingError as error:
        if not error.permanent:
            raise
        raise refused(part, error) from error
    said = {"part": part.name, "model": hex_of(part.model)}
    _keep(context, making, sliced, profile, {"sheet": place, **said})


async def _slice_sheet(context: Context, making: Making, sheet: Sheet, profile: SliceProfile) -> None:
    """What cannot be sliced together is taken apart: each copy is printed alone, if it can be.

    Not where it was sliced before, as an agent of a restored journal reads: plates of it may be printed.
    """
    parts = bid_get(context.journal, making.agreement).spec.parts
    folder = context.folder(making.agreement)
    placed = [
        (folder / model_file(context, making, part, parts[part]).name, places)
        for part, places in sheet.layout
    ]
    try:
        async with context.slicers:
            sliced = await slice_plate(placed, profile, folder / f"plate-{sheet.number}.gcode")
    except SlicerMissing:
        raise
    except SlicingError as error:
        if record_find(context.journal, making.agreement, f"sliced:{sheet.number}") is not None:
            if not error.permanent:
                raise
            raise MakingFailed(f"copies that share a plate cannot be sliced again: {error}") from error
        log.warning("copies that were to share a plate are printed alone: %s", error)
        sheet_drop(context.journal, making.agreement, sheet.number)
        return
    said = {
        "first_plate": sheet.first,
        "plates": sheet.times,
        "items": [{**part_json(parts, part), "places": places_json(places)} for part, places in sheet.layout],
    }
    _keep(context, making, sliced, profile, {"sheet": sheet.number, **said})


def _keep(
    context: Context, making: Making, sliced: Sliced, profile: SliceProfile, said: dict[str, Any]
) -> None:
    """G-code in the journal, and what it is of in the evidence log."""
    facts, sheet = _facts(sliced), said["sheet"]
    payload = {
        **said,
        "gcode": hex_of(sliced.digest),
        "material": profile.material,
        "layer_um": profile.layer_um,
        "infill_percent": profile.infill_percent,
        "settings": profile.to_json(),
        **facts,
    }
    with context.journal.atomic():
        row = FileRow(sliced.path.name, sliced.digest, facts)
        file_set(context.journal, making.agreement, sheet, GCODE, row)
        context.log_of(making.agreement).append(f"sliced:{sheet}", Kind.SLICED, payload)


def _facts(sliced: Sliced) -> dict[str, Any]:
    return {
        "sha256": sliced.sha256,
        "slicer": sliced.slicer,
        "slicer_version": sliced.slicer_version,
        "profile": hex_of(sliced.profile_digest),
        "print_seconds": sliced.print_seconds,
        "grams": sliced.grams,
        "layers": sliced.layers,
    }
