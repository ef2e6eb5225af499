"""FETCHED -> SLICED -> QUEUED: G-code for every part, by the provider's own profile."""

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
from provider_agent.making.context import Context
from provider_agent.making.fetching import MODEL
from provider_agent.slicing import Sliced, SliceProfile, slice_model
from provider_agent.slicing.errors import SlicingError

log = logging.getLogger(__name__)

GCODE = "gcode"


async def slice_parts(context: Context, making: Making) -> None:
    """Slice what is not sliced yet; one record for each part."""
    row = bid_get(context.journal, making.agreement)
    printer = printer_of(context, row)
    if reasons := unfit(printer.config.capability, row.spec):
        raise MakingFailed(f"{printer.serial} cannot make it any more: {' '.join(reasons)}")
    for place in range(len(row.spec.parts)):
        if file_find(context.journal, making.agreement, place, GCODE) is None:
            await _slice_part(context, making, row, place, printer)
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


async def _slice_part(context: Context, making: Making, row: BidRow, place: int, printer: Printer) -> None:
    part = row.spec.parts[place]
    model = file_find(context.journal, making.agreement, place, MODEL)
    if model is None:
        raise MakingFailed(f"the model of part {part.name!r} is not in the journal")
    folder, profile = context.folder(making.agreement), profile_of(part, printer)
    try:
        async with context.slicers:
            sliced = await slice_model(folder / model.name, profile, folder / f"part-{place}.gcode")
    except SlicingError as error:
        if not error.permanent:
            raise
        raise MakingFailed(f"part {part.name!r} cannot be sliced: {error}") from error
    facts = _facts(sliced)
    with context.journal.atomic():
        file_set(
            context.journal, making.agreement, place, GCODE, FileRow(sliced.path.name, sliced.digest, facts)
        )
        context.log_of(making.agreement).append(
            f"sliced:{place}",
            Kind.SLICED,
            {
                "part": part.name,
                "model": hex_of(part.model),
                "gcode": hex_of(sliced.digest),
                "material": profile.material,
                "layer_um": profile.layer_um,
                "infill_percent": profile.infill_percent,
                "settings": profile.to_json(),
                **facts,
            },
        )


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
