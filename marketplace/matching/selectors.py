"""Printers from the database into the engine: coarse SQL first, exact columns after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketplace.jobs.models import Job
from marketplace.jobs.rules import JobNotOpened
from marketplace.matching.columns import columns_from
from marketplace.matching.engine import lacks_any
from marketplace.matching.timing import Timing
from marketplace.providers.models import Printer, Stock
from marketplace.providers.selectors import printers_current
from protocol.capability import Capability, Requirement
from protocol.jobspec import JobSpec, Need, needs_of, unmet
from protocol.statuses import JobStatus

EXPLAINED = 100
"""Printers whose reasons are spelt out at most; the count covers all."""
UNTIMED = Timing()


@dataclass(frozen=True)
class Match:
    """A printer that can make it (no reasons), or one that cannot and why; how long it would print."""

    printer: str
    provider: str
    reasons: tuple[str, ...] = ()
    expected_seconds: int | None = None


@dataclass(frozen=True)
class Matches:
    """Everybody who can, how many cannot, and the first of those with reasons."""

    feasible: tuple[Match, ...]
    infeasible: tuple[Match, ...]
    infeasible_count: int


def job_matches(job: Job, now: datetime) -> Matches:
    """Which current printers can make a job, and in time while it is open. Raises JobNotOpened."""
    return matches_of(spec_for(job), timing_of(job, now))


def matches_of(spec: JobSpec, timing: Timing = UNTIMED) -> Matches:
    """Which current printers can make every part of a job."""
    return matches_for(needs_of(spec), timing)


def matches_for(needs: Sequence[Need], timing: Timing = UNTIMED) -> Matches:
    """Which current printers can make everything that has these needs, in time."""
    requirements = list(dict.fromkeys(need.requirement for need in needs))
    candidates = list(_coarse(requirements).values_list(*_COLUMNS))
    rows = {digest: row for row, (digest, *_) in enumerate(candidates)}
    stock = _stock_of(rows, {each.material for each in requirements})
    columns = columns_from([((x, y, z), low, high) for _, _, _, x, y, z, low, high in candidates], stock)
    able = [
        Match(digest, provider, timing.late(pace), timing.expected(pace))
        for (digest, provider, pace, *_), bits in zip(
            candidates, lacks_any(columns, requirements).tolist(), strict=True
        )
        if not bits
    ]
    feasible = tuple(match for match in able if not match.reasons)
    late = (match for match in able if match.reasons)
    return Matches(
        feasible=feasible,
        infeasible=tuple(islice(chain(late, _refusals(needs)), EXPLAINED)),
        infeasible_count=printers_current().count() - len(feasible),
    )


_COLUMNS = (
    "digest",
    "provider_id",
    "pace",
    "bed_x_um",
    "bed_y_um",
    "bed_z_um",
    "min_layer_um",
    "max_layer_um",
)


def _coarse(requirements: Iterable[Requirement]) -> QuerySet[Printer]:
    """Every printer that can make it and few that cannot: what an index answers."""
    fitting = printers_current()
    for requirement in requirements:
        fitting = _coarse_for(fitting, requirement)
    return fitting


def _coarse_for(printers: QuerySet[Printer], requirement: Requirement) -> QuerySet[Printer]:
    width, depth, height = requirement.size_um
    along, across = max(width, depth), min(width, depth)
    fitting = printers.filter(
        Q(bed_x_um__gte=along) | Q(bed_y_um__gte=along),
        bed_x_um__gte=across,
        bed_y_um__gte=across,
        bed_z_um__gte=height,
    )
    return fitting.filter(Exists(Stock.objects.filter(printer=OuterRef("pk"), kind=requirement.material)))


def _stock_of(rows: dict[str, int], kinds: set[str]) -> Iterable[tuple[int, str, str]]:
    stock = Stock.objects.filter(printer__current=True, kind__in=kinds)
    for digest, kind, colour in stock.values_list("printer_id", "kind", "colour"):
        if digest in rows:
            yield rows[digest], kind, colour


def _refusals(needs: Sequence[Need]) -> Iterable[Match]:
    for printer in printers_current().iterator(chunk_size=500):
        if reasons := unmet(Capability.from_json(printer.capability), needs):
            yield Match(printer.digest, printer.provider_id, reasons)


def timing_of(job: Job, now: datetime) -> Timing:
    """What a job's estimate is and, while it is open, how much time is left."""
    left = (job.deadline - now).total_seconds() if job.status == JobStatus.OPEN else None
    return Timing(job.estimate["print_seconds"] if job.estimate else None, left)


def spec_for(job: Job) -> JobSpec:
    """What a job that was opened asks of a printer. Raises JobNotOpened."""
    if (spec := job.frozen_spec) is None:
        raise JobNotOpened(job.status)
    return spec
