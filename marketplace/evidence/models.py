"""Signed evidence and what is anchored, kept for good: no projection, it outlives every rewind."""

import json
from typing import Any

from django.db import models

from marketplace.evidence.anchor_rules import BatchStatus
from protocol.merkle import AnchorLeaf
from protocol.typed import Domain
from protocol.units import digest_of

ADDRESS_CHARS = 42
DIGEST_CHARS = 66
SIGNATURE_CHARS = 132


class Record(models.Model):
    """One record of an actor's evidence log for one agreement; `digest` is the next one's `previous`."""

    # Not a foreign key: a reorganisation may take the agreement's row away and bring it back.
    agreement = models.CharField(max_length=DIGEST_CHARS)
    actor = models.CharField(max_length=ADDRESS_CHARS)
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=40)
    # Canonical text: a database's own JSON type may rewrite numbers, and then the digest no longer fits.
    payload_text = models.TextField()
    payload_digest = models.CharField(max_length=DIGEST_CHARS)
    previous = models.CharField(max_length=DIGEST_CHARS)
    observed_at = models.DateTimeField()
    signature = models.CharField(max_length=SIGNATURE_CHARS)
    digest = models.CharField(max_length=DIGEST_CHARS)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["agreement", "actor", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "actor", "seq"], name="evidence_one_record_a_seq")
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.seq}) of {self.actor}"

    @property
    def payload(self) -> dict[str, Any]:
        """What the record states."""
        found: dict[str, Any] = json.loads(self.payload_text)
        return found


class Batch(models.Model):
    """What goes under one root. `publisher` and `previous_root` are of the transaction last wanted for it.

    `anchored_at` is the chain's time, the others are this server's. `tries` counts the transactions wanted.
    """

    number = models.PositiveIntegerField(unique=True)
    status = models.CharField(
        max_length=8, choices=[(s, s) for s in BatchStatus], default=BatchStatus.WAITING, db_index=True
    )
    root = models.CharField(max_length=DIGEST_CHARS, unique=True)
    count = models.PositiveIntegerField()
    publisher = models.CharField(max_length=ADDRESS_CHARS, blank=True)
    previous_root = models.CharField(max_length=DIGEST_CHARS, blank=True)
    intent = models.ForeignKey("chain.Intent", null=True, on_delete=models.PROTECT, related_name="+")
    tries = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    anchored_at = models.DateTimeField(null=True)
    final_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"batch {self.number} {self.status}"


class Leaf(models.Model):
    """One leaf of a batch: members as in protocol.merkle.AnchorLeaf. A record is anchored once, ever.

    `stated_at` is when the record says it was made or, where it does not, when it was received.
    """

    record = models.CharField(primary_key=True, max_length=DIGEST_CHARS)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="leaves")
    position = models.PositiveIntegerField()
    subject = models.CharField(max_length=DIGEST_CHARS)
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=40)
    payload = models.CharField(max_length=DIGEST_CHARS)
    digest = models.CharField(max_length=DIGEST_CHARS)
    stated_at = models.DateTimeField()

    class Meta:
        ordering = ["batch", "position"]
        verbose_name_plural = "leaves"
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="one_leaf_a_position")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"

    def members(self, domain: Domain) -> AnchorLeaf:
        """The leaf as it is hashed; domain Infill."""
        return AnchorLeaf(
            chain_id=domain.chain_id,
            escrow=domain.contract,
            subject=digest_of(self.subject),
            seq=self.seq,
            kind=self.kind,
            payload=digest_of(self.payload),
            record=digest_of(self.record),
        )
