"""Who is there, and how each printer was when last heard of: current rows only, no history."""

from django.db import models

from marketplace.providers.models import ADDRESS_CHARS, DIGEST_CHARS, Printer
from protocol.statuses import PrinterStatus


class AgentPresence(models.Model):
    """When a provider's agent was last heard."""

    provider = models.CharField(primary_key=True, max_length=ADDRESS_CHARS)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.provider} at {self.seen_at:%H:%M:%S}"


class Sampled(models.Model):
    """What a printer says of itself, in Celsius; `observed_at` is the agent's clock, `received_at` ours."""

    agreement = models.CharField(max_length=DIGEST_CHARS, blank=True)
    status = models.CharField(max_length=18, choices=[(s, s) for s in PrinterStatus])
    progress = models.FloatField(null=True)
    layer = models.PositiveIntegerField(null=True)
    nozzle_c = models.FloatField(null=True)
    bed_c = models.FloatField(null=True)
    position_um = models.JSONField(null=True)
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.status} at {self.observed_at:%H:%M:%S}"


class PrinterSample(Sampled):
    """A printer's newest sample, refreshed every few seconds and when its status changes."""

    printer = models.OneToOneField(Printer, primary_key=True, on_delete=models.CASCADE, related_name="sample")

    class Meta:
        indexes = [models.Index(fields=["agreement"], name="sample_agreement")]


class PastSample(Sampled):
    """Every sample, for SAMPLES_DAYS days. No foreign key: checking thousands a second would cost more than
    their rows, and whose printer it is has been asked before."""

    id = models.BigAutoField(primary_key=True)
    printer = models.CharField(max_length=DIGEST_CHARS)

    class Meta:
        indexes = [
            models.Index(fields=["printer", "received_at"], name="past_sample_printer"),
            models.Index(fields=["received_at"], name="past_sample_received"),
        ]
