"""Reading jobs and deciding who may see what of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from marketplace.designs.access import access_allowed
from marketplace.designs.models import Design
from marketplace.designs.rules import Shown, What
from marketplace.designs.selectors import purposes_granted
from marketplace.jobs.models import Job, JobPart
from marketplace.jobs.rules import OVER, PUBLIC_STATUSES, JobNotOpened, JobSpecClosed, bidders_shown
from marketplace.providers.selectors import has_printer
from protocol.statuses import JobStatus
from protocol.units import hex_of


@dataclass(frozen=True)
class JobModel:
    """One part as its winner receives it: which design, and what proves that it is the one in the spec."""

    design: UUID
    name: str
    copies: int
    model: str
    salt: str
    bytes: int


def jobs_of(address: str) -> QuerySet[Job]:
    """A designer's jobs, newest first."""
    return _listed(Job.objects.filter(designer_id=address))


def jobs_seen_by(address: str) -> QuerySet[Job]:
    """Jobs this person may know of: own, won, and with a registered printer every one that was ever open."""
    seen = Q(designer_id=address) | Q(pk__in=_jobs_won(address))
    if has_printer(address):
        seen |= Q(status__in=PUBLIC_STATUSES)
    return _listed(Job.objects.filter(seen))


def jobs_open(now: datetime) -> QuerySet[Job]:
    """Jobs that take bids, oldest first."""
    return Job.objects.filter(status=JobStatus.OPEN, bids_close_at__gt=now).order_by("opened_at", "pk")


def job_seen_by(address: str, job: UUID) -> Job:
    """A job this person may know of. Raises Http404."""
    return _one(jobs_seen_by(address), job)


def job_of(address: str, job: UUID) -> Job:
    """A designer's own job. Raises Http404 for anybody else's, as for none."""
    return _one(jobs_of(address), job)


def jobs_by_digest(digests: Collection[str]) -> dict[str, Job]:
    """The jobs of some digests (0x text), by digest."""
    return {job.job_digest: job for job in Job.objects.filter(job_digest__in=digests) if job.job_digest}


def job_spec_for(address: str, job: UUID) -> Job:
    """A job whose spec and salt this person may have: its designer, its winner, or while it is open a
    provider with a registered printer. Raises Http404, JobSpecClosed, JobNotOpened."""
    found = job_seen_by(address, job)
    own = found.designer_id == address or found.pk in _jobs_won(address)
    if not own and found.status != JobStatus.OPEN:
        raise JobSpecClosed
    if found.spec is None:
        raise JobNotOpened(found.status)
    return found


def job_models(job: Job) -> list[JobModel]:
    """The parts of an opened job, each with the salt behind its digest in the spec. Raises JobNotOpened."""
    if job.spec is None:
        raise JobNotOpened(job.status)
    # As it was frozen, of whatever version: what was awarded before an upgrade is fetched after it.
    frozen = zip(job.parts.all(), job.spec["parts"], strict=True)
    return [
        JobModel(
            part.design_id, each["name"], part.copies, each["model"], hex_of(bytes(part.salt)), each["bytes"]
        )
        for part, each in frozen
    ]


def copies_expected(job: Job) -> dict[str, tuple[float, int]]:
    """By a part's salted digest: the seconds that were expected of one copy, and its copies in a set."""
    if job.frozen_spec is None:
        return {}
    return {
        hex_of(each.model): (part.estimate["print_seconds"] / (part.copies * job.quantity), part.copies)
        for part, each in zip(job.parts.all(), job.frozen_spec.parts, strict=True)
        if part.estimate
    }


def parts_of(job: Job) -> QuerySet[JobPart]:
    """A job's parts in their order, with their designs."""
    return job.parts.select_related("design")


def job_shows(job: Job, address: str, what: What) -> bool:
    """Whether somebody who may see the job may have this of its first design."""
    design, shown = _face(job)
    return access_allowed(person=address, design=design, what=what, shown=shown)


def job_face(address: str, job: UUID) -> tuple[Design, Shown | None]:
    """The first design of a job this person may know of, and how much of it the job shows to bidders now.
    Raises Http404."""
    return _face(job_seen_by(address, job))


def job_needing(design: UUID) -> str:
    """Which job that is not over has to be made of a design, in words; empty for none."""
    needing = Job.objects.filter(parts__design=design).exclude(status__in=OVER)
    return ", ".join(f"the job “{job.title}” is {job.status}" for job in needing.distinct()[:3])


def _face(job: Job) -> tuple[Design, Shown | None]:
    return parts_of(job)[0].design, bidders_shown(JobStatus(job.status), Shown(job.shown))


def _jobs_won(address: str) -> set[UUID]:
    """Jobs of which this provider holds a live grant."""
    purposes = (purpose.partition(":") for purpose in purposes_granted(address))
    return {UUID(value) for kind, _, value in purposes if kind == "job"}


def _one(jobs: QuerySet[Job], job: UUID) -> Job:
    found = jobs.filter(pk=job).first()
    if found is None:
        raise Http404
    return found


def _listed(jobs: QuerySet[Job]) -> QuerySet[Job]:
    return jobs.prefetch_related("parts__design").order_by("-posted_at", "-pk")
