"""Agreements as the chain has them, and what their designers waived."""

from django.db import models

from protocol.statuses import AgreementStatus, How
from protocol.terms import Bid

ADDRESS_CHARS = 42
DIGEST_CHARS = 66
WEI_CHARS = 29


class Agreement(models.Model):
    """One agreement. Every column follows from its stored logs and its Waiver; only projecting writes it.

    `final_status` and `final_paid` are what no reorganisation takes back; `settled` says that is all.
    `standby` is the bid that is still named. Wei are exact decimal text. `job` and `bid` are empty where the
    award binds a bid never seen here.
    """

    id = models.CharField(primary_key=True, max_length=DIGEST_CHARS)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="agreements")
    bid = models.ForeignKey("bidding.Bid", null=True, on_delete=models.SET_NULL, related_name="agreements")
    designer = models.CharField(max_length=ADDRESS_CHARS, db_index=True)
    provider = models.CharField(max_length=ADDRESS_CHARS, db_index=True)
    terms = models.JSONField()
    units = models.PositiveBigIntegerField()
    price = models.CharField(max_length=WEI_CHARS)
    paid = models.CharField(max_length=WEI_CHARS)
    status = models.CharField(max_length=9, choices=[(s, s) for s in AgreementStatus])
    how = models.CharField(max_length=9, choices=[(h, h) for h in How])
    final_status = models.CharField(max_length=9, choices=[(s, s) for s in AgreementStatus])
    final_paid = models.CharField(max_length=WEI_CHARS)
    settled = models.BooleanField()
    granted = models.BooleanField(default=False)
    clock = models.DateTimeField()
    awarded_at = models.DateTimeField()
    award_transaction = models.CharField(max_length=DIGEST_CHARS)
    award_block = models.PositiveBigIntegerField()
    standby = models.CharField(max_length=DIGEST_CHARS)
    book = models.CharField(max_length=DIGEST_CHARS)
    head = models.CharField(max_length=DIGEST_CHARS, null=True)  # noqa: DJ001 - no head is not an empty digest
    grace_until = models.DateTimeField()
    deliver_by = models.DateTimeField(null=True)
    refund_from = models.DateTimeField(null=True)
    review_until = models.DateTimeField(null=True)
    claim_from = models.DateTimeField(null=True)
    rule_until = models.DateTimeField(null=True)
    expire_from = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-awarded_at", "id"]
        indexes = [models.Index(fields=["granted", "final_status"], name="agreement_grant_sweep")]

    def __str__(self) -> str:
        return f"agreement {self.id}"

    @property
    def bid_terms(self) -> Bid:
        """The complete terms, as signed."""
        return Bid.from_json(self.terms)

    @property
    def is_live(self) -> bool:
        """Whether the escrow still holds money for it."""
        return self.status != AgreementStatus.CLOSED

    @property
    def is_made(self) -> bool:
        """Whether it closed with its price paid in full."""
        return not self.is_live and self.paid == self.price

    @property
    def parties(self) -> tuple[str, str]:
        """Designer and provider."""
        return self.designer, self.provider


class Waiver(models.Model):
    """A designer lets the winner have the designs before grace ends.

    Said here and not on chain, so it stands apart from the projection and outlives every rewind.
    """

    agreement = models.CharField(primary_key=True, max_length=DIGEST_CHARS)
    designer = models.CharField(max_length=ADDRESS_CHARS)
    waived_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"waiver of {self.agreement}"
