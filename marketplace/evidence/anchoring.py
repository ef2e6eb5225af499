"""Writing batches: made of what is pending, sent one after the other, followed to where the chain has it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from contracts import calls
from marketplace.chain.intent_rules import IntentStatus
from marketplace.chain.outbox import intent_want
from marketplace.chain.selectors import deployment_current
from marketplace.evidence.anchor_rules import (
    TRANSITIONS,
    UNMINED,
    BatchStatus,
    status_by,
    try_due,
)
from marketplace.evidence.anchor_selectors import batch_newest, leaves_pending
from marketplace.evidence.models import Batch, Leaf
from protocol.merkle import MerkleTree
from protocol.units import Address, Digest, digest_of, hex_of, time_of

KIND = "anchor"
NOTHING = (IntentStatus.FAILED, IntentStatus.EXPIRED)
"""Ends at which a transaction came to nothing: another may be wanted, after what the chain has then."""


def batch_make(*, now: datetime) -> Batch | None:
    """Put what is pending into a new batch. None while one is not mined, or where another worker was first.

    One at a time: each root names the one before it, so a second could not be mined before the first.
    """
    newest = batch_newest()
    if newest and newest.status in UNMINED:
        return None
    try:
        with transaction.atomic():
            return _batch_create(newest.number + 1 if newest else 1, now)
    except IntegrityError:
        return None


def _batch_create(number: int, now: datetime) -> Batch | None:
    leaves = leaves_pending(settings.ANCHOR_BATCH)
    if not leaves:
        return None
    root = MerkleTree([digest_of(leaf.digest) for leaf in leaves]).root
    batch = Batch.objects.create(number=number, root=hex_of(root), count=len(leaves), made_at=now)
    for leaf in leaves:
        leaf.batch = batch
    Leaf.objects.bulk_create(leaves)
    return batch


@transaction.atomic
def batch_send(*, batch: Batch, publisher: Address, last: Digest, now: datetime) -> bool:
    """Want the transaction that anchors a waiting batch after `last`, the publisher's newest root."""
    if batch.status != BatchStatus.WAITING or not try_due(sent_at=batch.sent_at, now=now, every=_every()):
        return False
    tries = batch.tries + 1
    sent = {"publisher": publisher, "previous_root": hex_of(last), "tries": tries, "sent_at": now}
    if not _move(batch, BatchStatus.SENT, **sent):
        return False
    call = calls.Anchor(digest_of(batch.root), batch.count, last)
    to = Address(deployment_current().anchor)
    intent = intent_want(key=f"{KIND}:{batch.root}:{tries}", to=to, data=call.data)
    Batch.objects.filter(pk=batch.pk).update(intent=intent)
    return True


def batch_follow(*, batch: Batch, publisher: str, seen: int, final_time: int, now: datetime) -> None:
    """Bring a batch level with the chain, which anchored its root at `seen`, or did not: zero.

    `final_time` is that of the finalized block. Epoch seconds.
    """
    ended = batch.intent is not None and batch.intent.status in NOTHING
    status = status_by(BatchStatus(batch.status), seen=seen, final_time=final_time, ended=ended)
    time = time_of(seen) if seen else None
    if (status, time, publisher) != (batch.status, batch.anchored_at, batch.publisher):
        final_at = now if status is BatchStatus.FINAL else None
        _move(batch, status, anchored_at=time, publisher=publisher, final_at=final_at)


def _move(batch: Batch, status: BatchStatus, **changes: Any) -> bool:
    """False where the transition is none, or another worker moved the batch first."""
    before = BatchStatus(batch.status)
    if status is not before and status not in TRANSITIONS[before]:
        return False
    as_read = Batch.objects.filter(pk=batch.pk, status=before, tries=batch.tries)
    return as_read.update(status=status, **changes) == 1


def _every() -> timedelta:
    return timedelta(seconds=settings.ANCHOR_SECONDS)
