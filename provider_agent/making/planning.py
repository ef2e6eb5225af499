"""Which copies share a plate: decided once, before anything of an agreement is sliced.

The plan is in the journal before the first G-code is, and each sheet is in its record of slicing: a crash
changes no plate, nor does a journal that was restored without the plan.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from protocol.evidence import Kind
from protocol.jobspec import Part
from protocol.units import Digest, hex_of
from provider_agent.errors import MakingFailed
from provider_agent.estimating import WARM_UP_SECONDS, extruded_mm3, print_seconds
from provider_agent.fleet import Printer
from provider_agent.journal.bids import bid_get
from provider_agent.journal.facts import fact, fact_set
from provider_agent.journal.makings import FileRow, Making, file_find
from provider_agent.journal.records import records_all
from provider_agent.journal.sheets import sheets_add
from provider_agent.journal.spools import spool_find, stock_of
from provider_agent.journal.store import Journal
from provider_agent.making.context import Context
from provider_agent.making.fetching import MODEL
from provider_agent.plates.arranging import Piece, Run, arrange
from provider_agent.plates.plan import sheets_of
from provider_agent.slicing import Measured, SliceProfile, model_measure
from provider_agent.slicing.errors import SlicingError

log = logging.getLogger(__name__)


async def plan(context: Context, making: Making, printer: Printer, profiles: Sequence[SliceProfile]) -> None:
    """Journal which copies share a plate, unless that is planned, or slicing had begun without it. Raises as
    `model_measure`, and MakingFailed."""
    journal, agreement = context.journal, making.agreement
    limit = context.config.policy.plate_s - WARM_UP_SECONDS
    if limit <= 0 or fact(journal, _planned_name(agreement)) or _is_sliced(journal, agreement):
        return
    parts = bid_get(journal, agreement).spec.parts
    runs: dict[str, list[Run]] = {}
    for (filament, profile), alike in _sharing(parts, profiles).items():
        copies = sum(parts[place].copies for place in alike) * making.units
        if copies > 1 and not _is_split(journal, agreement, parts[alike[0]]):
            pieces = [
                _piece(place, parts[place], making.units, printer.config.speed_mm_s, measured)
                for place in alike
                for measured in [await _measured(context, making, place, profile)]
            ]
            bed = profile.bed_um[0], profile.bed_um[1]
            runs.setdefault(filament, []).extend(arrange(pieces, bed, limit))
    sheets = sheets_of(parts, making.units, runs)
    with journal.atomic():
        sheets_add(journal, agreement, sheets)
        fact_set(journal, _planned_name(agreement), "yes")
    if sheets:
        copies = sum(sheet.times * len(places) for sheet in sheets for _, places in sheet.layout)
        log.info("%d copies share %d plates", copies, sum(sheet.times for sheet in sheets))


def _sharing(
    parts: Sequence[Part], profiles: Sequence[SliceProfile]
) -> dict[tuple[str, SliceProfile], list[int]]:
    """The parts that may lie on one plate: of one filament, sliced alike in everything."""
    found: dict[tuple[str, SliceProfile], list[int]] = {}
    for place, (part, profile) in enumerate(zip(parts, profiles, strict=True)):
        found.setdefault((part.filament, profile), []).append(place)
    return found


def model_file(context: Context, making: Making, place: int, part: Part) -> FileRow:
    """Raises MakingFailed."""
    model = file_find(context.journal, making.agreement, place, MODEL)
    if model is None:
        raise MakingFailed(f"the model of part {part.name!r} is not in the journal")
    return model


def refused(part: Part, error: SlicingError) -> MakingFailed:
    """A part that cannot be sliced at all."""
    return MakingFailed(f"part {part.name!r} cannot be sliced: {error}")


def _planned_name(agreement: Digest) -> str:
    """The fact that stays where all sheets were taken apart: what cannot be sliced is not planned again."""
    return f"plates planned: {hex_of(agreement)}"


def _is_sliced(journal: Journal, agreement: Digest) -> bool:
    return any(one.record.kind == Kind.SLICED for one in records_all(journal, agreement))


async def _measured(context: Context, making: Making, place: int, profile: SliceProfile) -> Measured:
    part = bid_get(context.journal, making.agreement).spec.parts[place]
    model = model_file(context, making, place, part)
    try:
        async with context.slicers:
            return await model_measure(context.folder(making.agreement) / model.name, profile)
    except SlicingError as error:
        if not error.permanent:
            raise
        raise refused(part, error) from error


def _piece(place: int, part: Part, units: int, speed_mm_s: int, measured: Measured) -> Piece:
    x, y, _ = measured.size_um
    seconds = print_seconds(part, extruded_mm3(part), speed_mm_s) - WARM_UP_SECONDS
    return Piece(place, (x, y), part.copies * units, seconds, measured.facets)


def _is_split(journal: Journal, agreement: Digest, part: Part) -> bool:
    """Whether its filament is promised off several spools, whole copies off each: then all are printed
    alone."""
    promised = stock_of(journal, agreement)
    suiting = [spool for spool in promised if spool_find(journal, spool).suits(part.material, part.colour)]
    return len(suiting) > 1
