"""Jobs as they are sent and shown."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.designs.api import EstimateOutput, ReasonOutput
from marketplace.designs.mesh.materials import DENSITIES
from marketplace.designs.rules import Shown
from marketplace.jobs.fields import WeiTextField
from marketplace.jobs.models import Job, JobPart
from marketplace.jobs.rules import ANY_ZONE, LICENCE
from protocol.capability import ANY_COLOUR


class PartInput(serializers.Serializer[Any]):
    """One design, how often each set holds it, and how it is printed."""

    design = serializers.UUIDField()
    copies = serializers.IntegerField(default=1)
    material = serializers.ChoiceField(sorted(DENSITIES))
    colour = serializers.CharField(default=ANY_COLOUR)
    layer_um = serializers.IntegerField(default=200)
    infill_percent = serializers.IntegerField(default=20)


class JobInput(serializers.Serializer[Any]):
    """`quantity` counts sets of all parts. Budget in wei, for everything together. Times ISO-8601."""

    title = serializers.CharField()
    parts = PartInput(many=True)
    quantity = serializers.IntegerField(default=1)
    deadline = serializers.DateTimeField()
    budget = WeiTextField()
    bids_close_at = serializers.DateTimeField(required=False)
    ship_to_zone = serializers.CharField(default=ANY_ZONE)
    licence = serializers.CharField(default=LICENCE)
    shown = serializers.ChoiceField(
        [each.value for each in Shown],
        default=Shown.PICTURES.value,
        help_text="How much of the designs those see who may bid.",
    )


class PartOutput(serializers.ModelSerializer[JobPart]):
    """`design` is shown to its designer alone, and so is the file's `name` in a job that shows
    measurements. `estimate` is for all copies in all sets."""

    name = serializers.SerializerMethodField()
    status = serializers.CharField(source="design.status")
    design = serializers.SerializerMethodField()
    size_um = serializers.SerializerMethodField()
    volume_mm3 = serializers.SerializerMethodField()
    estimate = EstimateOutput(allow_null=True)

    class Meta:
        model = JobPart
        fields = [
            "name",
            "copies",
            "material",
            "colour",
            "layer_um",
            "infill_percent",
            "status",
            "design",
            "size_um",
            "volume_mm3",
            "estimate",
        ]

    def get_name(self, part: JobPart) -> str:
        return part.design.name if self.context.get("own") else part.shown_name

    def get_design(self, part: JobPart) -> str | None:
        return str(part.design_id) if self.context.get("own") else None

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField(), allow_null=True))
    def get_size_um(self, part: JobPart) -> list[int] | None:
        return list(part.design.measured.size_um) if part.design.measured else None

    def get_volume_mm3(self, part: JobPart) -> float | None:
        return part.design.measured.volume_mm3 if part.design.measured else None


class CountsOutput(serializers.Serializer[Any]):
    bids = serializers.IntegerField(source="bids_count")
    declines = serializers.IntegerField(source="declines_count")


class JobOutput(serializers.ModelSerializer[Job]):
    designer = serializers.CharField(source="designer_id")
    reasons = ReasonOutput(many=True)
    estimate = EstimateOutput(allow_null=True)
    parts = PartOutput(many=True)
    counts = CountsOutput(source="*")
    budget = serializers.SerializerMethodField(help_text="Shown to the designer alone.")

    class Meta:
        model = Job
        fields = [
            "id",
            "title",
            "status",
            "reasons",
            "designer",
            "job_digest",
            "parts",
            "tolerance",
            "quantity",
            "deadline",
            "bids_close_at",
            "ship_to_zone",
            "licence",
            "shown",
            "budget",
            "estimate",
            "counts",
            "posted_at",
            "opened_at",
        ]

    def get_budget(self, job: Job) -> str | None:
        return job.budget_wei if self.context.get("own") else None


class SpecOutput(serializers.Serializer[Any]):
    """`spec` is the frozen job; `job_digest` = keccak(salt || canonical JSON of spec)."""

    job = serializers.UUIDField()
    spec = serializers.DictField()
    salt = serializers.CharField()
    job_digest = serializers.CharField()
    shown = serializers.CharField(help_text="How much of its designs the job shows to those who may bid.")
