"""Agreements as the chain has them, what their designers waived, and what they let the dispatcher do."""

from django.db import models
from django.db.models import Q

from marketplace.escrow.dispatch_rules import DispatchStatus
from protocol.mandate import Mandate as Limits
from protocol.statuses import AgreementStatus, How
from protocol.terms import Bid
from protocol.units import Digest, digest_of

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


class Mandate(models.Model):
    """Limits that a designer signed for this marketplace's dispatcher; `id` is their EIP-712 digest.

    `used` and `revoked` follow from the stored logs alone. `printers` are those behind the mandate's root.
    `free` (the designer's, in wei) and `waiting_for` are what the dispatcher last found, at `looked_at`;
    `ended`: nothing can be awarded under it any more, by what is final.
    """

    id = models.CharField(primary_key=True, max_length=DIGEST_CHARS)
    job = models.ForeignKey("jobs.Job", on_delete=models.PROTECT, related_name="mandates")
    designer = models.CharField(max_length=ADDRESS_CHARS, db_index=True)
    limits = models.JSONField()
    signature = models.TextField()
    printers = models.JSONField(default=list)
    award_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField()
    used = models.PositiveBigIntegerField(default=0)
    revoked = models.BooleanField(default=False)
    ended = models.BooleanField(default=False)
    free = models.CharField(max_length=39)
    waiting_for = models.JSONField(null=True)
    stored_at = models.DateTimeField()
    looked_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        ordering = ["-stored_at", "id"]
        indexes = [models.Index(fields=["ended", "due_at"], name="mandate_sweep")]

    def __str__(self) -> str:
        return f"mandate {self.id}"

    @property
    def terms(self) -> Limits:
        """The limits, as signed."""
        return Limits.from_json(self.limits)

    @property
    def accepted(self) -> tuple[Digest, ...]:
        """The printers that may be awarded; none where any may."""
        return tuple(digest_of(each) for each in self.printers)


class Dispatch(models.Model):
    """One award that the dispatcher wanted under a mandate, by the intent that makes it.

    A job has one at a time: its units are given to nobody else until the chain has decided for good.
    """

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="dispatches")
    job = models.ForeignKey("jobs.Job", on_delete=models.PROTECT, related_name="dispatches")
    bid = models.ForeignKey("bidding.Bid", on_delete=models.PROTECT, related_name="dispatches")
    units = models.PositiveBigIntegerField()
    intent = models.OneToOneField("chain.Intent", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=7, choices=[(s, s) for s in DispatchStatus], default=DispatchStatus.WANTED
    )
    reason = models.TextField(blank=True)
    wanted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["wanted_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=Q(status=DispatchStatus.WANTED), name="one_dispatch_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"dispatch of {self.bid_id} {self.status}"
