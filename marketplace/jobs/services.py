"""Writing jobs. Every status is reached by a conditional UPDATE along protocol.statuses, or not at all."""

import logging
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Person
from marketplace.activity.services import activity_record
from marketplace.designs.models import Design
from marketplace.designs.rules import DesignStatus
from marketplace.designs.services import design_grant_create
from marketplace.jobs.estimates import slices_want
from marketplace.jobs.models import Job, JobPart
from marketplace.jobs.opening import opening_of
from marketplace.jobs.rules import JobInvalid, JobStatusConflict, PartAsked, Posting, posting_problems
from marketplace.jobs.selectors import job_of
from protocol.statuses import JobStatus, check_transition

logger = logging.getLogger(__name__)


@transaction.atomic
def job_post(*, designer: Person, posting: Posting, now: datetime) -> Job:
    """Post a job of own designs, measured or still being measured. Raises JobInvalid."""
    problems = posting_problems(posting, now)
    kept = Design.objects.filter(owner=designer, pk__in={part.design for part in posting.parts})
    # Locked: who deletes one of them at the same time waits, and then finds the job.
    locked = kept.exclude(status=DesignStatus.DELETED).select_for_update().order_by("pk")
    own = {design.pk: design for design in locked}
    for at, part in enumerate(posting.parts):
        if reason := _design_problem(own.get(part.design)):
            problems.setdefault(f"parts.{at}.design", []).append(reason)
    if problems:
        raise JobInvalid(problems)
    asked = {name: value for name, value in vars(posting).items() if name not in {"parts", "budget_wei"}}
    job = Job.objects.create(
        designer=designer, budget_wei=str(posting.budget_wei), salt=secrets.token_bytes(32), **asked
    )
    JobPart.objects.bulk_create(
        JobPart(job=job, position=at, salt=secrets.token_bytes(32), **_columns(part))
        for at, part in enumerate(posting.parts)
    )
    _move(job, JobStatus.MEASURING, "job.posted", actor=designer.address)
    return job


def _columns(part: PartAsked) -> dict[str, Any]:
    return {("design_id" if name == "design" else name): value for name, value in vars(part).items()}


def _design_problem(design: Design | None) -> str:
    if design is None:
        return "This is none of your designs: upload the model first."
    if design.status == DesignStatus.REFUSED:
        return "This design was refused: " + " ".join(reason["message"] for reason in design.reasons)
    return ""


def job_settle(*, job: Job, now: datetime) -> bool:
    """Open a MEASURING job whose designs are all measured, or refuse it; whether its status changed."""
    parts = list(job.parts.select_related("design"))
    statuses = {part.design.status for part in parts}
    if DesignStatus.REFUSED in statuses:
        return job_refuse(job=job, reasons=_refusals(parts))
    if statuses != {DesignStatus.MEASURED}:
        return False
    if job.deadline <= now:
        late = {
            "code": "deadline-passed",
            "message": "The deadline passed before the job could open. Post it anew.",
        }
        return job_refuse(job=job, reasons=[late])
    return job_open(job=job, parts=parts, now=now)


def job_open(*, job: Job, parts: list[JobPart], now: datetime) -> bool:
    """Freeze spec and digest, let bids in, and have the parts sliced as they are to be printed. Reads the
    files: never inside an atomic block of one's own."""
    opening = opening_of(job, parts)
    with transaction.atomic():
        opened = _move(
            job,
            JobStatus.OPEN,
            "job.opened",
            spec=opening.spec,
            job_digest=opening.job_digest,
            estimate=opening.estimates.total,
            opened_at=now,
        )
        for part, expected in zip(parts, opening.estimates.parts, strict=True) if opened else ():
            JobPart.objects.filter(pk=part.pk).update(estimate=expected)
        if opened:
            slices_want(parts)
    return opened


def job_refuse(*, job: Job, reasons: list[dict[str, str]]) -> bool:
    """Refuse a job that cannot be made, with reasons its designer can act on."""
    return _move(job, JobStatus.REFUSED, "job.refused", reasons=reasons)


def _refusals(parts: list[JobPart]) -> list[dict[str, str]]:
    return [
        {"code": reason["code"], "message": f"{part.design.name}: {reason['message']}"}
        for part in parts
        for reason in part.design.reasons
    ]


def job_withdraw(*, designer: str, job: UUID) -> Job:
    """The designer takes an open job back. Raises Http404, JobStatusConflict."""
    found = job_of(designer, job)
    if found.status != JobStatus.OPEN or not _move(
        found, JobStatus.WITHDRAWN, "job.withdrawn", actor=designer
    ):
        raise JobStatusConflict(found.status, JobStatus.WITHDRAWN)
    return found


def jobs_expire(*, now: datetime) -> int:
    """End open jobs whose deadline has passed; says how many."""
    late = Job.objects.filter(status=JobStatus.OPEN, deadline__lte=now)
    return sum(job_expire(job=job) for job in late)


def job_expire(*, job: Job) -> bool:
    """End one open job."""
    return _move(job, JobStatus.EXPIRED, "job.expired")


def job_award(*, job: Job) -> bool:
    """Every unit is under a live agreement. False if the job was not open: then nothing changes."""
    return job.status == JobStatus.OPEN and _move(job, JobStatus.AWARDED, "job.awarded")


def job_reopen(*, job: Job) -> bool:
    """An agreement failed, or a reorganisation took an award back. False if the job was not awarded."""
    return job.status == JobStatus.AWARDED and _move(job, JobStatus.OPEN, "job.reopened")


def job_close(*, job: Job) -> bool:
    """All units are made. False if the job was not awarded."""
    return job.status == JobStatus.AWARDED and _move(job, JobStatus.CLOSED, "job.closed")


@transaction.atomic
def job_grant(*, job: Job, provider: str, agreement: str) -> None:
    """Let an agreement's winner fetch every design of the job, until designs' design_grant_revoke."""
    for design in job.parts.values_list("design_id", flat=True):
        design_grant_create(design=design, provider=provider, agreement=agreement, purpose=job.subject)


def job_counts_set(*, job: UUID, bids: int, declines: int) -> None:
    """How many answers a job has, as counted by whoever keeps them."""
    Job.objects.filter(pk=job).update(bids_count=bids, declines_count=declines)


def jobs_settle(*, now: datetime) -> int:
    """Open or refuse every MEASURING job whose designs are settled; says how many changed."""
    waiting = Job.objects.filter(status=JobStatus.MEASURING).order_by("posted_at")
    return sum(_settled(job, now) for job in waiting)


def _settled(job: Job, now: datetime) -> bool:
    try:
        return job_settle(job=job, now=now)
    except Exception:  # a file that is gone, or a defect of ours, must not hold up the jobs behind it
        logger.exception("job %s cannot be settled; trying again with the next sweep", job.pk)
        return False


def _move(job: Job, status: JobStatus, kind: str, actor: str = "", **found: Any) -> bool:
    """Change a job's status if it still is what was read; whether it was."""
    current = JobStatus(job.status)
    check_transition(current, status)
    with transaction.atomic():
        changed = Job.objects.filter(pk=job.pk, status=current).update(status=status, **found)
        if changed:
            data = {"designer": job.designer_id, "status": status.value}
            activity_record(kind=kind, subject=job.subject, actor=actor, data=data)
    job.refresh_from_db()
    return bool(changed)
