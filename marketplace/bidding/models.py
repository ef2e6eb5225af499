"""Bids as they were signed, the operator's receipts and books of them, and declines."""

from django.db import models

from marketplace.bidding.void_rules import Void
from marketplace.jobs.models import Job
from marketplace.providers.models import DIGEST_CHARS, SIGNATURE_CHARS, Printer, Provider
from protocol.books import Book as SignedBook
from protocol.books import Receipt as SignedReceipt
from protocol.merkle import BookLeaf
from protocol.statuses import BidStatus
from protocol.terms import Bid as Terms
from protocol.typed import Domain
from protocol.units import bytes_of, digest_of, seconds_of

WEI_CHARS = 29
ADDRESS_CHARS = 42
REASON_CHARS = 1_000


class Bid(models.Model):
    """Terms a provider signed for one job; `id` is the agreement's id. Wei are kept as exact decimal text.

    The columns repeat members of `bid` for reading and sweeping; `terms` is what was signed. `key_until` is
    the last second in which the hot key that signed it may, as the logs have it; empty where the provider
    signed itself. `void` says why it is WITHDRAWN.
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
    signer = models.CharField(max_length=ADDRESS_CHARS)
    key_until = models.DateTimeField(null=True)
    void = models.CharField(max_length=16, choices=[(v, v) for v in Void], blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [
            models.Index(fields=["job", "status"], name="bid_job_status"),
            models.Index(fields=["status", "valid_until"], name="bid_expiry_sweep"),
            models.Index(fields=["provider", "received_at"], name="bid_rate"),
            models.Index(
                fields=["key_until"],
                condition=models.Q(status=BidStatus.OPEN, key_until__isnull=False),
                name="bid_key_sweep",
            ),
        ]

    def __str__(self) -> str:
        return f"bid {self.id}"

    @property
    def terms(self) -> Terms:
        """The complete terms, as signed."""
        return Terms.from_json(self.bid)


class AuthorityLog(models.Model):
    """A log of the escrow about who may sign a provider's bids in one token; its place tells it from others.

    Every row follows from a stored log; only the follower's handler and a rebuild write any.
    """

    escrow = models.CharField(max_length=ADDRESS_CHARS)
    token = models.CharField(max_length=ADDRESS_CHARS)
    provider = models.CharField(max_length=ADDRESS_CHARS)
    block_digest = models.CharField(max_length=DIGEST_CHARS)
    block = models.PositiveBigIntegerField()
    log_index = models.PositiveIntegerField()

    members: tuple[str, ...] = ()
    """The columns of its own."""

    class Meta:
        abstract = True

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the chain's order."""
        return self.block, self.log_index

    @property
    def word(self) -> tuple[object, ...]:
        """What it says, of whom, in which block."""
        common = (self.block_digest, self.token, self.provider)
        return (*common, *(getattr(self, name) for name in self.members))


class HotKeySet(AuthorityLog):
    """`AgentSet`: from here on a key may sign until a second, bids that lock so much in all."""

    key = models.CharField(max_length=ADDRESS_CHARS)
    until = models.PositiveBigIntegerField()
    bond_left = models.CharField(max_length=WEI_CHARS)
    members = ("key", "until", "bond_left")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["block_digest", "log_index"], name="hot_key_set_once")]
        indexes = [models.Index(fields=["provider", "key"], name="hot_key_of_provider")]

    def __str__(self) -> str:
        return f"hot key {self.key} of {self.provider} at {self.block}/{self.log_index}"


class EpochBump(AuthorityLog):
    """`EpochBumped`: from here on only bids of this epoch can be awarded."""

    epoch = models.PositiveBigIntegerField()
    members = ("epoch",)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["block_digest", "log_index"], name="epoch_bumped_once")
        ]
        indexes = [models.Index(fields=["provider"], name="epoch_of_provider")]

    def __str__(self) -> str:
        return f"epoch {self.epoch} of {self.provider} at {self.block}/{self.log_index}"


class Book(models.Model):
    """A job's bids when they were counted: the receipts 0 to `count` - 1, signed by the operator."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="books")
    number = models.PositiveIntegerField()
    closed_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    root = models.CharField(max_length=DIGEST_CHARS, unique=True)
    signature = models.CharField(max_length=SIGNATURE_CHARS)
    digest = models.CharField(max_length=DIGEST_CHARS, unique=True)

    class Meta:
        ordering = ["job", "number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="book_number_once")]

    def __str__(self) -> str:
        return f"book {self.number} of job {self.job_id}"

    @property
    def signed(self) -> SignedBook:
        """What the operator signed."""
        return SignedBook(
            job=digest_of(self.job.job_digest),
            number=self.number,
            closed_at=seconds_of(self.closed_at),
            count=self.count,
            root=digest_of(self.root),
        )


class Receipt(models.Model):
    """The operator's signed answer to a bid: number `seq` of its job, from 0 without gaps.

    `book` is the first that holds it; empty until one is closed.
    """

    bid = models.OneToOneField(Bid, on_delete=models.PROTECT, primary_key=True, related_name="receipt")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="receipts")
    seq = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    signature = models.CharField(max_length=SIGNATURE_CHARS)
    digest = models.CharField(max_length=DIGEST_CHARS, unique=True)
    book = models.ForeignKey(Book, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["job", "seq"]
        constraints = [models.UniqueConstraint(fields=["job", "seq"], name="receipt_seq_once")]
        indexes = [
            models.Index(fields=["job"], condition=models.Q(book=None), name="receipt_book_sweep"),
        ]

    def __str__(self) -> str:
        return f"receipt {self.seq} of job {self.job_id}"

    @property
    def signed(self) -> SignedReceipt:
        """What the operator signed."""
        return SignedReceipt(
            bid=digest_of(self.bid_id),
            job=digest_of(self.job.job_digest),
            seq=self.seq,
            received_at=seconds_of(self.received_at),
        )

    def leaf(self, domain: Domain) -> BookLeaf:
        """Its leaf in every book that holds it; domain Infill."""
        return BookLeaf.of(self.signed, bytes_of(self.signature), domain)


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
