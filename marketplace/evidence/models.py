"""Signed evidence, kept for good: it is no projection and outlives every rewind of the chain."""

import json
from typing import Any

from django.db import models

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
