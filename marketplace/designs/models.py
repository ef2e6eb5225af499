"""Uploaded models, where their files are kept, and who besides their owner may have them."""

from __future__ import annotations

import uuid
from typing import Final

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Person
from marketplace.designs.mesh.estimate import Slice
from marketplace.designs.mesh.fitted import FACTORS
from marketplace.designs.mesh.materials import MaterialClass
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.rules import DesignStatus, RepairStatus, SlicingStatus, Standing, What

# The columns of a design that hold the addresses of its files.
FILE_COLUMNS: Final = ("digest", "picture", "preview", "light", "print_digest")


class AddressKey(models.Model):
    """The one key under which addresses are digests, wrapped by a master key."""

    wrapped = models.TextField()

    def __str__(self) -> str:
        return f"the key of addresses, number {self.pk}"


class StoredFile(models.Model):
    """A file in the store: its `address`, the name it lies under, its own key wrapped by a master key, and
    its plain length. Without this row nothing opens what lies there."""

    address = models.CharField(primary_key=True, max_length=66)
    name = models.CharField(max_length=32, unique=True)
    wrapped = models.TextField()
    bytes = models.PositiveBigIntegerField()
    kept_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Design(models.Model):
    """One uploaded model. `digest`, `picture` and `print_digest` are addresses in the store; they never leave
    the server. A deleted one keeps its row where a job or a grant of the past names it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="designs")
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=66, db_index=True)
    bytes = models.PositiveBigIntegerField()
    # The unit the designer named in place of the file's own; converting makes another design of the file.
    unit = models.CharField(max_length=8, blank=True)
    # Whether what the file holds is to be parts, each by itself: another design of the file, too.
    apart = models.BooleanField(default=False)
    # How often, and in which colour ("#RRGGBB"), the file that it was found in has it.
    copies = models.PositiveIntegerField(default=1)
    colour = models.CharField(max_length=7, blank=True)
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
    # A GLB for the viewer; whoever may not have the original's shape may not have this either.
    preview = models.CharField(max_length=66, blank=True)
    # A coarse one, for bidders where a job shows it.
    light = models.CharField(max_length=66, blank=True)
    # The design of which this is a mended version, and in words what was mended.
    repaired_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="versions")
    repairs = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The lease of the worker measuring it; who finds it over may claim the row again.
    claimed_until = models.DateTimeField(null=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    measured_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "digest", "unit", "apart"],
                condition=Q(part_of=None) & ~Q(digest=""),
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
    def is_kept(self) -> bool:
        """Whether there is more of it than a row."""
        return self.status != DesignStatus.DELETED

    @property
    def files(self) -> set[str]:
        """The addresses of its files."""
        named = {address for column in FILE_COLUMNS if (address := getattr(self, column))}
        return named | set(self.pictures.values_list("picture", flat=True))

    @property
    def printed(self) -> tuple[str, int]:
        """Address and length of the file that a provider fetches and prints."""
        return (self.print_digest, self.print_bytes) if self.print_digest else (self.digest, self.bytes)

    @property
    def parts_kept(self) -> list[Design]:
        """The models of an archive, in its order, without those deleted."""
        kept = (part for part in self.parts.all() if part.is_kept)
        return sorted(kept, key=lambda part: part.position)

    @property
    def measured(self) -> Measurement | None:
        return Measurement.from_json(self.measurement) if self.measurement else None


class Upload(models.Model):
    """A file that arrives in parts. `offset` bytes of it are on disk (see incoming.py), where they take
    `sealed_bytes` under a key of the upload's own, `wrapped` by a master key. With the last of them it
    becomes a design, once, and the key goes. The row stays until it expires, to answer those who missed
    that."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="uploads")
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=8, blank=True)
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    sealed_bytes = models.PositiveBigIntegerField(default=0)
    wrapped = models.TextField(blank=True)
    design = models.ForeignKey(Design, on_delete=models.PROTECT, null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(offset__lte=models.F("length")), name="upload_within_its_length"
            )
        ]
        indexes = [
            models.Index(fields=["owner"], condition=Q(design=None), name="upload_open"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.offset} of {self.length})"

    @property
    def is_received(self) -> bool:
        return self.offset == self.length


class Picture(models.Model):
    """A design from one angle, the thumbnail too; `projection` tells where in it which point is seen."""

    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="pictures")
    angle = models.CharField(max_length=12)
    picture = models.CharField(max_length=66)
    projection = models.JSONField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["design", "angle"], name="picture_once_per_angle")]

    def __str__(self) -> str:
        return f"{self.design_id} from {self.angle}"


class Viewing(models.Model):
    """How often on one day (UTC) somebody asked for a design's pictures or its preview, and was `given` them
    or not; or for what it won, before that was final. It goes with the design."""

    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="viewings")
    viewer = models.CharField(max_length=42)
    standing = models.CharField(max_length=12, choices=[(each, each) for each in Standing])
    what = models.CharField(max_length=12, choices=[(each, each) for each in What])
    given = models.BooleanField()
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["design", "viewer", "day", "what", "given"], name="viewing_once_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.viewer} on {self.day}: {self.what} of {self.design_id}, {self.count} times"


class Repair(models.Model):
    """A repair that the owner of a design asked for. Its status is the queue; what it makes is a design."""

    design = models.OneToOneField(Design, on_delete=models.PROTECT, related_name="repair")
    made = models.ForeignKey(Design, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        max_length=12, choices=[(each, each) for each in RepairStatus], default=RepairStatus.WANTED
    )
    reasons = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    wanted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["wanted_at"],
                condition=Q(status__in=[RepairStatus.WANTED, RepairStatus.REPAIRING]),
                name="repair_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.design_id} ({self.status})"


class Slicing(models.Model):
    """A slice of a design with some settings, to estimate by: never what is printed. It holds for every
    material of its class. `slicer` says who made it, `profile` by which settings, `reason` why there is
    none."""

    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="slicings")
    layer_um = models.PositiveIntegerField()
    infill_percent = models.PositiveSmallIntegerField()
    material_class = models.CharField(
        max_length=10, choices=[(each, each) for each in MaterialClass], default=MaterialClass.ORDINARY
    )
    status = models.CharField(
        max_length=8, choices=[(each, each) for each in SlicingStatus], default=SlicingStatus.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(null=True)
    extruded_mm3 = models.FloatField(null=True)
    slicer = models.CharField(max_length=60, blank=True)
    profile = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    sliced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["design", "layer_um", "infill_percent", "material_class"],
                name="slicing_once_per_settings",
            )
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(status__in=[SlicingStatus.WAITING, SlicingStatus.SLICING]),
                name="slicing_waiting",
            ),
        ]

    def __str__(self) -> str:
        how = f"{self.layer_um} um, {self.infill_percent} %, {self.material_class}"
        return f"{self.design_id} at {how} ({self.status})"

    @property
    def said(self) -> Slice | None:
        """What the slicer said, once it has. One whose errors nobody measured says nothing."""
        slicer = self.slicer.partition(" ")[0]
        if self.seconds is None or self.extruded_mm3 is None or slicer not in FACTORS:
            return None
        return Slice(
            self.layer_um,
            self.infill_percent,
            self.seconds,
            self.extruded_mm3,
            MaterialClass(self.material_class),
            slicer,
        )


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


class Delivery(models.Model):
    """A file encrypted to the key of the agent that prints it. `statement` is the signature that named the
    age `recipient`. `sealed` is where the ciphertext is kept while the grant lives, `digest` its keccak."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="deliveries")
    recipient = models.CharField(max_length=100)
    statement = models.CharField(max_length=132)
    sealed = models.CharField(max_length=66, blank=True)
    digest = models.CharField(max_length=66)
    bytes = models.PositiveBigIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["grant", "recipient"], name="delivery_once_per_recipient")
        ]

    def __str__(self) -> str:
        return f"{self.grant} to {self.recipient}"
