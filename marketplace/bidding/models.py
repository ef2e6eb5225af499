"""Bids as they were signed, and what providers said who would not bid."""

from django.db import models

from marketplace.jobs.models import Job
from marketplace.providers.models import DIGEST_CHARS, SIGNATURE_CHARS, Printer, Provider
from protocol.statuses import BidStatus
from protocol.terms import Bid as Terms

WEI_CHARS = 29
REASON_CHARS = 1_000


class Bid(models.Model):
    """Terms a provider signed for one job; `id` is the agreement's id. Wei are kept as exact decimal text.

    The columns repeat members of `bid` for reading and sweeping; `terms` is what was signed.
    """

    id = models.CharField(primary_key=True, max_length=DIGEST_CHARS)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="bids")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="bids")
    printer = models.ForeignKey(Printer, on_delete=models.PROTECT, related_name="bids")
    status = models.CharField(max_length=9, choices=[(s, s) for s in BidStatus], default=BidStatus.OPEN)
    unit_price = models.CharField(max_length=WEI_CHARS)
    bond = models.CharField(max_length=WEI_CHARS)
    make_time = models.BigIntegerField()
    review_time = models.BigIntegerField()
    valid_until = models.DateTimeField()
    bid = models.JSONField()
    signature = models.CharField(max_length=SIGNATURE_CHARS)
    signer = models.CharField(max_length=42)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [
            models.Index(fields=["job", "status"], name="bid_job_status"),
            models.Index(fields=["status", "valid_until"], name="bid_expiry_sweep"),
            models.Index(fields=["provider", "received_at"], name="bid_rate"),
        ]

    def __str__(self) -> str:
        return f"bid {self.id}"

    @property
    def terms(self) -> Terms:
        """The complete terms, as signed."""
        return Terms.from_json(self.bid)


class Decline(models.Model):
    """A provider's reason not to bid, for the printer of a digest or (empty) for all of theirs."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="declines")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="declines")
    printer = models.CharField(max_length=DIGEST_CHARS, blank=True)
    reason = models.CharField(max_length=REASON_CHARS)
    declined_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["declined_at"]
        constraints = [models.UniqueConstraint(fields=["job", "provider", "printer"], name="decline_once")]

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.reason}"
