"""What a page shows of jobs, printers and the whole marketplace, by who reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, F, FloatField, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast
from django.http import Http404

from marketplace.bidding.models import Decline
from marketplace.bidding.selectors import Standing, declines_of, standings_for
from marketplace.designs.rules import What
from marketplace.designs.selectors import is_being_sliced
from marketplace.escrow.models import Agreement
from marketplace.jobs.models import Job, JobPart
from marketplace.jobs.rules import PUBLIC_STATUSES
from marketplace.jobs.selectors import job_shows, jobs_seen_by, parts_of
from marketplace.live.selectors import may_watch
from marketplace.matching.selectors import Matches, job_matches
from marketplace.monitoring.models import PrinterSample
from marketplace.monitoring.selectors import providers_online
from marketplace.providers.models import Printer
from marketplace.providers.selectors import printers_current
from protocol.statuses import BidStatus, JobStatus
from protocol.units import Wei


@dataclass(frozen=True)
class Counters:
    """The marketplace in numbers; `released` is rounded, for reading."""

    printers: int
    online: int
    open_jobs: int
    agreements: int
    released: Wei


def counters() -> Counters:
    """Counted anew at each reading."""
    paid = Agreement.objects.aggregate(all=Sum(Cast("paid", FloatField())))["all"]
    return Counters(
        printers=printers_current().count(),
        online=len(providers_online()),
        open_jobs=Job.objects.filter(status=JobStatus.OPEN).count(),
        agreements=Agreement.objects.count(),
        released=Wei(round(paid or 0)),
    )


@dataclass(frozen=True)
class JobRow:
    """A job in a list. Strangers see that it exists, its digest and status; `seen` says if there is more, and
    `pictured` if that is a picture."""

    job: Job
    seen: bool
    pictured: bool

    @property
    def parts(self) -> int:
        return len(self.job.parts.all())


def jobs_listed(viewer: str) -> QuerySet[Job]:
    """Jobs anyone may know of and the viewer's own, open ones first, then the newest."""
    open_first = Case(When(status=JobStatus.OPEN, then=0), default=Value(1), output_field=IntegerField())
    known = Q(status__in=PUBLIC_STATUSES)
    if viewer:
        known |= Q(designer=viewer)
    return Job.objects.filter(known).order_by(open_first, "-posted_at", "-pk").prefetch_related("parts")


def job_rows(jobs: Iterable[Job], viewer: str) -> list[JobRow]:
    """Jobs with what the viewer may see of each."""
    listed = list(jobs)
    seen = set(jobs_seen_by(viewer).filter(pk__in=[job.pk for job in listed]).values_list("pk", flat=True))
    return [JobRow(job, job.pk in seen, job.pk in seen and _pictured(job, viewer)) for job in listed]


def _pictured(job: Job, viewer: str) -> bool:
    return bool(job.spec) and job_shows(job, viewer, What.PICTURE)


@dataclass(frozen=True)
class JobPage:
    """A job for one reader. `seen`: spec, and with `pictured` its picture; `own`: everything; else digest and
    status alone."""

    job: Job
    viewer: str
    seen: bool

    @property
    def own(self) -> bool:
        return self.viewer == self.job.designer_id

    @property
    def pictured(self) -> bool:
        """Whether this reader may have its picture, and there is one."""
        return self.seen and _pictured(self.job, self.viewer)

    @property
    def previewed(self) -> bool:
        """Whether this reader may turn its first part around in 3D, and there is something to turn."""
        shown = self.pictured and job_shows(self.job, self.viewer, What.PREVIEW)
        design = self.parts[0].design
        return shown and bool(design.preview if self.own else design.light)

    @property
    def watched(self) -> bool:
        """Whether the live socket lets this reader in."""
        return bool(self.viewer) and may_watch(self.job.pk, self.viewer)

    @property
    def parts(self) -> QuerySet[JobPart]:
        return parts_of(self.job)

    @property
    def slicing(self) -> bool:
        """Whether its estimate will become more exact by itself."""
        return self.job.status == JobStatus.OPEN and any(is_being_sliced(part.design) for part in self.parts)


def job_page(job: UUID, viewer: str) -> JobPage:
    """The job. Raises Http404 for what is still its designer's own business, as for none."""
    found = jobs_listed(viewer).filter(pk=job).first()
    if found is None:
        raise Http404
    return JobPage(found, viewer, jobs_seen_by(viewer).filter(pk=job).exists())


@dataclass(frozen=True)
class Bids:
    """Bids a reader may see with their printers, declines (the designer's alone), and who could bid."""

    standings: list[Standing]
    declines: list[tuple[Decline, Printer | None]]
    matches: Matches | None
    serials: dict[str, str]

    @property
    def open(self) -> list[Standing]:
        """Those that can be awarded, best first."""
        return [one for one in self.standings if one.status == BidStatus.OPEN]


def bids_of(page: JobPage, now: datetime) -> Bids:
    """What the reader may see of a job's bids."""
    standings = list(standings_for(page.job, page.viewer, now)) if page.seen else []
    declines = list(declines_of(page.job)) if page.own else []
    matches = job_matches(page.job, now) if page.own and page.job.frozen_spec else None
    named = {one.bid.printer_id for one in standings} | {each.printer for each in declines}
    if matches:
        named |= {match.printer for match in (*matches.feasible, *matches.infeasible)}
    printers = Printer.objects.in_bulk(named)
    return Bids(
        standings=standings,
        declines=[(each, printers.get(each.printer)) for each in declines],
        matches=matches,
        serials={digest: printer.serial for digest, printer in printers.items()},
    )


@dataclass(frozen=True)
class PrinterRow:
    """A printer, whether its provider's agent is heard, and its newest sample."""

    printer: Printer
    online: bool
    sample: PrinterSample | None


def printer_rows(printers: Iterable[Printer]) -> list[PrinterRow]:
    """Printers with their presence; two queries for all."""
    listed, online = list(printers), providers_online()
    samples = PrinterSample.objects.in_bulk([printer.pk for printer in listed])
    return [PrinterRow(each, each.provider_id in online, samples.get(each.pk)) for each in listed]


def printers_listed() -> QuerySet[Printer]:
    """Every registered printer, those of busy providers first."""
    return printers_current().select_related("provider").order_by(F("provider__completed").desc(), "serial")
