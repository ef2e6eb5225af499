"""Uploaded models and who besides their owner may have the file."""

import uuid

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Person
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.rules import DesignStatus


class Design(models.Model):
    """One uploaded model. `digest` is the keccak of the file and its address in the store; it never leaves
    the server, as it would tell who else holds the same file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="designs")
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=66, db_index=True)
    bytes = models.PositiveBigIntegerField()
    # The unit the designer named in place of the file's own; converting makes another design of the file.
    unit = models.CharField(max_length=8, blank=True)
    # The archive it was found in, and where: its file is not the owner's upload, but an STL made from that.
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, related_name="parts", null=True)
    position = models.PositiveSmallIntegerField(default=0)
    source = models.JSONField(null=True)
    # What is printed, where the upload itself is not what slicers read: its geometry as STL, in millimetres.
    print_digest = models.CharField(max_length=66, blank=True)
    print_bytes = models.PositiveBigIntegerField(default=0)
    status = models.CharField(
        max_length=12, choices=[(each, each) for each in DesignStatus], default=DesignStatus.UPLOADED
    )
    reasons = models.JSONField(default=list)
    measurement = models.JSONField(null=True)
    picture = models.CharField(max_length=90, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The lease of the worker measuring it; who finds it over may claim the row again.
    claimed_until = models.DateTimeField(null=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    measured_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "digest", "unit"],
                condition=Q(part_of=None),
                name="design_once_per_owner",
            ),
            models.UniqueConstraint(fields=["part_of", "position"], name="design_part_position"),
        ]
        indexes = [
            models.Index(
                fields=["uploaded_at"],
                condition=Q(status__in=[DesignStatus.UPLOADED, DesignStatus.MEASURING]),
                name="design_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"

    @property
    def subject(self) -> str:
        return f"design:{self.pk}"

    @property
    def printed(self) -> tuple[str, int]:
        """Digest and length of the file that a provider fetches and prints."""
        return (self.print_digest, self.print_bytes) if self.print_digest else (self.digest, self.bytes)

    @property
    def measured(self) -> Measurement | None:
        return Measurement.from_json(self.measurement) if self.measurement else None


class Grant(models.Model):
    """A provider may fetch one design, because of one agreement. `purpose` is the subject it was given for,
    such as "job:<uuid>". Revoked, never deleted: who could fetch what must stay answerable."""

    design = models.ForeignKey(Design, on_delete=models.PROTECT, related_name="grants")
    provider = models.CharField(max_length=42)
    agreement = models.CharField(max_length=66)
    purpose = models.CharField(max_length=120, blank=True)
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["design", "agreement", "provider"], name="grant_once_per_agreement"
            )
        ]
        indexes = [models.Index(fields=["provider", "design"])]

    def __str__(self) -> str:
        return f"{self.design_id} to {self.provider} for {self.agreement}"
