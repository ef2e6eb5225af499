"""What designers want made."""

import uuid

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Person
from marketplace.designs.models import Design
from marketplace.designs.rules import Shown
from marketplace.jobs.rules import SAMPLING, TOLERANCE, part_name
from protocol.jobspec import VERSION, JobSpec, filament_text
from protocol.statuses import JobStatus
from protocol.units import hex_of

WEI_CHARS = 29


class Job(models.Model):
    """A job from draft to closed. Once OPEN, `spec`, `salt` and `job_digest` are frozen; `estimate`, which is
    no term, is renewed as slices arrive: it went by `slices_used` of them.

    `shown` is how much of its designs those see who may bid; `budget_wei` the most the designer wants to
    pay for everything together, as exact decimal text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    designer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="jobs")
    title = models.CharField(max_length=120)
    tolerance = models.CharField(max_length=64, default=TOLERANCE)
    sampling = models.CharField(max_length=64, default=SAMPLING)
    quantity = models.PositiveIntegerField()
    deadline = models.DateTimeField()
    bids_close_at = models.DateTimeField()
    budget_wei = models.CharField(max_length=WEI_CHARS)
    ship_to_zone = models.CharField(max_length=64)
    licence = models.CharField(max_length=200)
    shown = models.CharField(max_length=12, choices=[(each, each) for each in Shown], default=Shown.PICTURES)
    status = models.CharField(
        max_length=10, choices=[(each, each) for each in JobStatus], default=JobStatus.DRAFT
    )
    reasons = models.JSONField(default=list)
    salt = models.BinaryField(max_length=32)
    spec = models.JSONField(null=True)
    job_digest = models.CharField(max_length=66, unique=True, null=True)  # noqa: DJ001 - unique, so never ""
    estimate = models.JSONField(null=True)
    slices_used = models.PositiveIntegerField(default=0)
    # Kept by bidding, which lies above this app.
    bids_count = models.PositiveIntegerField(default=0)
    declines_count = models.PositiveIntegerField(default=0)
    posted_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["status", "posted_at"]),
            models.Index(fields=["designer", "posted_at"]),
            models.Index(fields=["deadline"], condition=Q(status=JobStatus.OPEN), name="job_open_deadline"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.status})"

    @property
    def subject(self) -> str:
        return f"job:{self.pk}"

    @property
    def frozen_spec(self) -> JobSpec | None:
        """The spec that bids answer, once the job has been opened; none of a version of before."""
        if self.spec is None or self.spec["version"] != VERSION:
            return None
        return JobSpec.from_json(self.spec)

    @property
    def filaments(self) -> str:
        """Materials and colours of all parts, each once: `PETG black, PLA white`."""
        return ", ".join(dict.fromkeys(part.filament for part in self.parts.all()))

    @property
    def salt_text(self) -> str:
        return hex_of(bytes(self.salt))


class JobPart(models.Model):
    """One model of a job's set and how often the set holds it. `salt` hides the file behind its digest."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="parts")
    design = models.ForeignKey(Design, on_delete=models.PROTECT, related_name="job_parts")
    position = models.PositiveSmallIntegerField()
    copies = models.PositiveIntegerField()
    material = models.CharField(max_length=64)
    colour = models.CharField(max_length=64)
    layer_um = models.PositiveIntegerField()
    infill_percent = models.PositiveSmallIntegerField()
    salt = models.BinaryField(max_length=32)
    estimate = models.JSONField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="job_part_position")]

    def __str__(self) -> str:
        return f"{self.copies} x {self.design_id}"

    @property
    def shown_name(self) -> str:
        """Its name for others than the designer."""
        return part_name(self.design.name, Shown(self.job.shown), self.position)

    @property
    def filament(self) -> str:
        return filament_text(self.material, self.colour)
