"""From a measured draft to the frozen spec that bids answer."""

from dataclasses import dataclass
from typing import Any

from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.models import Design
from marketplace.designs.store import salted_digest_of
from marketplace.jobs.estimates import JobEstimates, estimates_of
from marketplace.jobs.models import Job, JobPart
from protocol.jobspec import JobSpec, Part, job_digest
from protocol.units import address_of, digest_of, hex_of, seconds_of


@dataclass(frozen=True)
class Opening:
    """What is written when a job opens."""

    spec: dict[str, Any]
    job_digest: str
    estimates: JobEstimates


def opening_of(job: Job, parts: list[JobPart]) -> Opening:
    """Freeze a job whose designs are all measured. Reads every file once, so never inside an atomic block."""
    spec = JobSpec(
        title=job.title,
        designer=address_of(job.designer_id),
        parts=tuple(_part(part) for part in parts),
        tolerance=job.tolerance,
        quantity=job.quantity,
        deadline=seconds_of(job.deadline),
        sampling=job.sampling,
        photos=(),
        ship_to_zone=job.ship_to_zone,
        licence=job.licence,
    )
    return Opening(
        spec=spec.to_json(),
        job_digest=hex_of(job_digest(spec, bytes(job.salt))),
        estimates=estimates_of(job, parts),
    )


def _part(part: JobPart) -> Part:
    model = _measurement(part.design)
    digest, length = part.design.printed
    return Part(
        name=part.shown_name,
        model=salted_digest_of(digest_of(digest), bytes(part.salt)),
        bytes=length,
        copies=part.copies,
        # Whole numbers in the spec, and never zero for something that is there.
        volume_mm3=max(1, round(model.volume_mm3)),
        area_mm2=max(1, round(model.area_mm2)),
        size_um=model.size_um,
        triangles=model.triangles,
        material=part.material,
        colour=part.colour,
        layer_um=part.layer_um,
        infill_percent=part.infill_percent,
    )


def _measurement(design: Design) -> Measurement:
    if design.measured is None:
        raise ValueError(f"{design} has no measurement: open a job only when all its designs are measured")
    return design.measured
