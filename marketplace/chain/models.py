"""What the follower has read: logs of the configured escrow, the cursor, and a window of recent blocks.
And the transactions that people sent and want followed.
"""

from django.db import models

from marketplace.chain.fate_rules import Fate

DIGEST_LENGTH = 66
ADDRESS_LENGTH = 42


class Log(models.Model):
    """One EVM log of the escrow. Digests are 0x text; in `args` u96 and wider are decimal text.

    `agreement` is the topic that names an agreement, empty where the log has none. `final` says that its
    block is at or below the node's finalized block.
    """

    block = models.PositiveBigIntegerField()
    log_index = models.PositiveIntegerField()
    block_digest = models.CharField(max_length=DIGEST_LENGTH)
    transaction = models.CharField(max_length=DIGEST_LENGTH, db_index=True)
    address = models.CharField(max_length=ADDRESS_LENGTH)
    name = models.CharField(max_length=60)
    agreement = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    args = models.JSONField()
    topics = models.JSONField()
    data = models.TextField()
    time = models.DateTimeField()
    final = models.BooleanField(default=False)

    class Meta:
        ordering = ["block", "log_index"]
        constraints = [
            models.UniqueConstraint(fields=["address", "block", "log_index"], name="one_log_per_place")
        ]
        indexes = [
            models.Index(fields=["agreement", "block", "log_index"]),
            models.Index(fields=["final", "block"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.block}/{self.log_index}"


class Cursor(models.Model):
    """How far one escrow has been read. `seen` and `final` are the last blocks read and finalised."""

    chain_id = models.PositiveBigIntegerField()
    escrow = models.CharField(max_length=ADDRESS_LENGTH)
    seen = models.BigIntegerField()
    final = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain_id", "escrow"], name="one_cursor_per_escrow")]

    def __str__(self) -> str:
        return f"{self.escrow} on chain {self.chain_id}: seen {self.seen}, final {self.final}"


class Block(models.Model):
    """A recent block's digest, by which a reorganisation shows."""

    cursor = models.ForeignKey(Cursor, on_delete=models.CASCADE, related_name="blocks")
    number = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=DIGEST_LENGTH)
    time = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["cursor", "number"], name="one_digest_per_block")]

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"


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
