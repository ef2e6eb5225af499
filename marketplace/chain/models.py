"""What the follower has read, what the sender sends, and what people sent and want followed."""

from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, F, Q

from marketplace.chain.decoding import event_of
from marketplace.chain.fate_rules import Fate
from marketplace.chain.intent_rules import KEY_LENGTH, IntentStatus

DIGEST_LENGTH = 66
ADDRESS_LENGTH = 42
HOLDER_LENGTH = 32


class Cursor(models.Model):
    """How far one deployment has been read. `seen` and `final` are the last blocks read and finalised.

    `holder` is the follower whose turn it is, until `held_until`.
    """

    chain_id = models.PositiveBigIntegerField()
    escrow = models.CharField(max_length=ADDRESS_LENGTH)
    seen = models.BigIntegerField()
    final = models.BigIntegerField()
    holder = models.CharField(max_length=HOLDER_LENGTH, blank=True)
    held_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain_id", "escrow"], name="one_cursor_per_escrow")]

    def __str__(self) -> str:
        return f"{self.escrow} on chain {self.chain_id}: seen {self.seen}, final {self.final}"


class LogManager(models.Manager["Log"]):
    """Every log knows whether it is final: whether its block is at or below the cursor's."""

    def get_queryset(self) -> models.QuerySet["Log"]:
        final = ExpressionWrapper(Q(block__lte=F("cursor__final")), output_field=BooleanField())
        return super().get_queryset().annotate(final=final)  # type: ignore[no-redef]


class Log(models.Model):
    """One EVM log, as the node gave it. Digests are 0x text.

    `agreement` is the topic that names an agreement, empty where the log has none.
    """

    # Unchecked by the database, a fifth of the cost of storing: what stores logs moves their cursor first.
    cursor = models.ForeignKey(
        Cursor, on_delete=models.CASCADE, related_name="logs", db_index=False, db_constraint=False
    )
    block_digest = models.CharField(max_length=DIGEST_LENGTH)
    log_index = models.PositiveIntegerField()
    block = models.PositiveBigIntegerField(db_index=True)
    transaction = models.CharField(max_length=DIGEST_LENGTH)
    address = models.CharField(max_length=ADDRESS_LENGTH)
    name = models.CharField(max_length=60)
    agreement = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    topics = models.JSONField()
    data = models.TextField()
    time = models.DateTimeField()

    objects = LogManager()
    final: bool

    class Meta:
        ordering = ["block", "log_index"]
        constraints = [
            models.UniqueConstraint(fields=["block_digest", "log_index"], name="one_log_per_block_and_index")
        ]
        indexes = [models.Index(fields=["agreement", "block"], name="log_of_agreement")]

    def __str__(self) -> str:
        return f"{self.name} at {self.block}/{self.log_index}"

    @cached_property
    def args(self) -> dict[str, Any]:
        """Its arguments by their ABI names: u96 and wider as decimal text. Raises UnknownLog."""
        return event_of(self.topics).args(self.topics, self.data)


class Block(models.Model):
    """A recent block's digest and its parent's, by which a reorganisation shows."""

    cursor = models.ForeignKey(Cursor, on_delete=models.CASCADE, related_name="blocks")
    number = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=DIGEST_LENGTH)
    parent = models.CharField(max_length=DIGEST_LENGTH)
    time = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["cursor", "number"], name="one_digest_per_block")]

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"


class Alarm(models.Model):
    """Something an operator must look at; the row goes once it passes."""

    name = models.CharField(max_length=40, unique=True)
    data = models.JSONField()
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


# The outbox: transactions the marketplace itself makes.
WEI_LENGTH = 29


class Intent(models.Model):
    """A transaction that is wanted; `key` names its cause. Wei are decimal text, `data` is 0x text.

    `sender` and `nonce` are set by the first signing. `block`, `block_digest` and `transaction` say where it
    was seen; `cost` what its gas and value took. `deadline` is in the chain's time. `displaced` counts how
    often somebody else used up its nonce.
    """

    key = models.CharField(max_length=KEY_LENGTH, unique=True)
    to = models.CharField(max_length=ADDRESS_LENGTH)
    data = models.TextField()
    value = models.CharField(max_length=WEI_LENGTH)
    deadline = models.DateTimeField(null=True)
    status = models.CharField(max_length=7, choices=[(s, s) for s in IntentStatus])
    sender = models.CharField(max_length=ADDRESS_LENGTH, blank=True)
    nonce = models.PositiveBigIntegerField(null=True)
    block = models.PositiveBigIntegerField(null=True)
    block_digest = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    transaction = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    cost = models.CharField(max_length=WEI_LENGTH, blank=True)
    reason = models.TextField(blank=True)
    displaced = models.PositiveSmallIntegerField(default=0)
    wanted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["sender", "nonce"], name="one_intent_per_nonce")]
        indexes = [models.Index(fields=["status", "id"], name="intent_sweep")]

    def __str__(self) -> str:
        return f"{self.key} {self.status}"


class Attempt(models.Model):
    """One signed transaction of an intent, stored before any node sees it. Fees are wei for one gas.

    `signed_at` and `sent_at` are the chain's time; the latter, since when a node has it. `objection` is what
    the node last said against it, in its own words.
    """

    intent = models.ForeignKey(Intent, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    sender = models.CharField(max_length=ADDRESS_LENGTH)
    nonce = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    raw = models.TextField()
    gas = models.PositiveBigIntegerField()
    max_fee = models.PositiveBigIntegerField()
    priority = models.PositiveBigIntegerField()
    signed_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)
    objection = models.TextField(blank=True)

    class Meta:
        ordering = ["intent", "number"]
        constraints = [models.UniqueConstraint(fields=["intent", "number"], name="one_attempt_per_number")]
        indexes = [models.Index(fields=["sender", "nonce"], name="attempt_nonce")]

    def __str__(self) -> str:
        return f"{self.digest} at nonce {self.nonce}"


class SentTransaction(models.Model):
    """A transaction that somebody's wallet sent, followed until no reorganisation can change its fate.

    `sender` and `nonce` are empty until the node knows it. `subject` and `label` say what it is about, in the
    words of whoever noted it. `error` is what it reverted with, where that can be found out. `known_at` is
    when the node last knew it (at first: when it was noted), `free_block` a final block that left its nonce
    free.
    """

    digest = models.CharField(max_length=DIGEST_LENGTH)
    noted_by = models.CharField(max_length=ADDRESS_LENGTH, db_index=True)
    subject = models.CharField(max_length=120, blank=True)
    label = models.CharField(max_length=60, blank=True)
    sender = models.CharField(max_length=ADDRESS_LENGTH, blank=True)
    nonce = models.PositiveBigIntegerField(null=True)
    status = models.CharField(max_length=9, choices=[(s, s) for s in Fate], default=Fate.PENDING)
    settled = models.BooleanField(default=False)
    block = models.PositiveBigIntegerField(null=True)
    block_digest = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    replaced_by = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    error = models.CharField(max_length=200, blank=True)
    error_args = models.JSONField(default=dict)
    noted_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    known_at = models.DateTimeField()
    free_block = models.PositiveBigIntegerField(null=True)
    due_at = models.DateTimeField()

    class Meta:
        ordering = ["-noted_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["digest", "noted_by"], name="noted_once")]
        indexes = [models.Index(fields=["settled", "due_at"], name="fate_sweep")]

    def __str__(self) -> str:
        return f"{self.digest} ({self.status})"
