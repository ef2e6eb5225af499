"""What an open job is expected to take, kept on the best ground there is. An estimate is no term: the spec,
its salt and its digest stay as they were frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from marketplace.activity.services import activity_record
from marketplace.designs.mesh.estimate import Settings, Wanted, estimate
from marketplace.designs.models import Slicing
from marketplace.designs.rules import SlicingStatus
from marketplace.designs.selectors import wanted_of
from marketplace.designs.slicing.outcome import SliceSettings
from marketplace.designs.slicings import slicing_want
from marketplace.jobs.models import Job, JobPart
from protocol.statuses import JobStatus


@dataclass(frozen=True)
class JobEstimates:
    """As JSON: of all together, and of each part by itself with all copies of all sets."""

    total: dict[str, Any]
    parts: list[dict[str, Any]]


def estimates_of(job: Job, parts: Sequence[JobPart]) -> JobEstimates:
    """By what is known now. Raises DesignNotMeasured."""
    wanted = [_wanted(part) for part in parts]
    return JobEstimates(
        total=estimate(wanted, job.quantity).to_json(),
        parts=[estimate([each], job.quantity).to_json() for each in wanted],
    )


def slices_want(parts: Sequence[JobPart]) -> None:
    """Have every part sliced with the very settings it is to be printed with; inside an atomic block. In the
    order of designs, as each is locked."""
    for part in sorted(parts, key=lambda part: part.design_id):
        how = _settings(part)
        sliced = SliceSettings(how.layer_um, how.infill_percent, how.material_class)
        slicing_want(design=part.design, how=sliced)


def jobs_outdated() -> QuerySet[Job]:
    """Open jobs for whose designs there are other slices than their estimates went by."""
    slices = Count(
        "parts__design__slicings",
        filter=Q(parts__design__slicings__status=SlicingStatus.SLICED),
        distinct=True,
    )
    return Job.objects.filter(status=JobStatus.OPEN).annotate(slices=slices).exclude(slices=F("slices_used"))


def jobs_estimate() -> int:
    """Estimate every outdated job anew; says how many."""
    return sum(job_estimate(job=job) for job in jobs_outdated().order_by("opened_at", "pk"))


@transaction.atomic
def job_estimate(*, job: Job) -> bool:
    """Estimate an open job by the slices there are; whether it was open, and there were others before."""
    # Locked, so that who has seen fewer slices does not write last.
    found = Job.objects.select_for_update().filter(pk=job.pk, status=JobStatus.OPEN).first()
    if found is None:
        return False
    slices = _slices(found)
    if slices == found.slices_used:
        return False
    parts = list(found.parts.select_related("design"))
    now = estimates_of(found, parts)
    changed = now.total != found.estimate
    Job.objects.filter(pk=found.pk).update(estimate=now.total, slices_used=slices)
    for part, expected in zip(parts, now.parts, strict=True):
        JobPart.objects.filter(pk=part.pk).update(estimate=expected)
    if changed:
        data = {"designer": found.designer_id, "rests_on": now.total["rests_on"]}
        activity_record(kind="job.estimated", subject=found.subject, data=data)
    return True


def _slices(job: Job) -> int:
    """How many there are, each counted once however many parts are of its design."""
    sliced = Slicing.objects.filter(design__job_parts__job=job, status=SlicingStatus.SLICED)
    return sliced.distinct().count()


def _wanted(part: JobPart) -> Wanted:
    return wanted_of(part.design, _settings(part), part.copies)


def _settings(part: JobPart) -> Settings:
    return Settings(part.material, part.layer_um, part.infill_percent)
