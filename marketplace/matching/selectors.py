"""Printers from the database into the engine: coarse SQL first, exact columns after."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketplace.jobs.models import Job
from marketplace.jobs.rules import JobNotOpened
from marketplace.matching.columns import columns_from
from marketplace.matching.engine import lacks
from marketplace.providers.models import Printer, Stock
from marketplace.providers.selectors import printers_current
from protocol.capability import Capability, Requirement, satisfies
from protocol.jobspec import requirement_of

EXPLAINED = 100
"""Printers whose reasons are spelt out at most; the count covers all."""


@dataclass(frozen=True)
class Match:
    """A printer that can make it (no reasons), or one that cannot and why."""

    printer: str
    provider: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matches:
    """Everybody who can, how many cannot, and the first of those with reasons."""

    feasible: tuple[Match, ...]
    infeasible: tuple[Match, ...]
    infeasible_count: int


def matches_of(requirement: Requirement) -> Matches:
    """Which current printers can make what is required."""
    candidates = list(_coarse(requirement).values_list(*_COLUMNS))
    stock = _stock_of({digest: row for row, (digest, *_) in enumerate(candidates)}, requirement)
    columns = columns_from([((x, y, z), low, high) for _, _, x, y, z, low, high in candidates], stock)
    feasible = tuple(
        Match(digest, provider)
        for (digest, provider, *_), bits in zip(candidates, lacks(columns, requirement).tolist(), strict=True)
        if not bits
    )
    return Matches(
        feasible=feasible,
        infeasible=tuple(islice(_refusals(requirement), EXPLAINED)),
        infeasible_count=printers_current().count() - len(feasible),
    )


_COLUMNS = ("digest", "provider_id", "bed_x_um", "bed_y_um", "bed_z_um", "min_layer_um", "max_layer_um")


def _coarse(requirement: Requirement) -> QuerySet[Printer]:
    """Every printer that can make it and few that cannot: what an index answers."""
    width, depth, height = requirement.size_um
    along, across = max(width, depth), min(width, depth)
    fitting = printers_current().filter(
        Q(bed_x_um__gte=along) | Q(bed_y_um__gte=along),
        bed_x_um__gte=across,
        bed_y_um__gte=across,
        bed_z_um__gte=height,
    )
    return fitting.filter(Exists(Stock.objects.filter(printer=OuterRef("pk"), kind=requirement.material)))


def _stock_of(rows: dict[str, int], requirement: Requirement) -> Iterable[tuple[int, str, str]]:
    stock = Stock.objects.filter(printer__current=True, kind=requirement.material)
    for digest, kind, colour in stock.values_list("printer_id", "kind", "colour"):
        if digest in rows:
            yield rows[digest], kind, colour


def _refusals(requirement: Requirement) -> Iterable[Match]:
    for printer in printers_current().iterator(chunk_size=500):
        if reasons := satisfies(Capability.from_json(printer.capability), requirement):
            yield Match(printer.digest, printer.provider_id, reasons)


def requirement_for(job: Job) -> Requirement:
    """What a job that was opened needs of a printer. Raises JobNotOpened."""
    if (spec := job.frozen_spec) is None:
        raise JobNotOpened(job.status)
    return requirement_of(spec)
