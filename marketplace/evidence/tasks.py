"""Anchoring in the background: make, send, follow. Every question to the node is outside atomic blocks."""

import logging
from datetime import datetime

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from contracts.views import AnchoredAt, Last
from marketplace.bidding.operator import operator_address
from marketplace.chain.errors import ChainError
from marketplace.chain.nodes import client
from marketplace.chain.selectors import final_time
from marketplace.evidence.anchor_rules import BatchStatus
from marketplace.evidence.anchor_selectors import batch_newest
from marketplace.evidence.anchoring import batch_follow, batch_make, batch_send
from marketplace.evidence.models import Batch
from protocol.units import Address, address_of, digest_of, seconds_of

logger = logging.getLogger(__name__)


@shared_task(name="evidence.anchor")
def anchor() -> None:
    """Follow what was sent, and send what waits. While the node is away all stays as it is."""
    now, publisher = timezone.now(), operator_address()
    try:
        _follow(now)
        if publisher:
            _rest(now)
            _send(publisher, now)
    except ChainError as error:
        if error.permanent:
            raise
        logger.warning("anchoring waits: %s", error)


@shared_task(name="evidence.batch")
def make_batch() -> None:
    """Put what is pending into a batch, every ANCHOR_SECONDS. Without an operator's key nothing is."""
    if operator_address():
        batch_make(now=timezone.now())


def _rest(now: datetime) -> None:
    """What did not fit into a full batch need not wait for the next time."""
    newest = batch_newest()
    if newest and newest.count >= settings.ANCHOR_BATCH:
        batch_make(now=now)


def _follow(now: datetime) -> None:
    """The final block is the follower's, read before: whatever is seen now stands on it."""
    newest = final_time()
    final = seconds_of(newest) if newest else 0
    unfinished = Batch.objects.exclude(status=BatchStatus.FINAL).exclude(tries=0)
    for batch in unfinished.select_related("intent"):
        # Signed by another key than it was wanted for, if that was changed meanwhile.
        publisher = address_of((batch.intent and batch.intent.sender) or batch.publisher)
        seen = client().ask(AnchoredAt(publisher, digest_of(batch.root)))
        batch_follow(batch=batch, publisher=publisher, seen=seen, final_time=final, now=now)


def _send(publisher: Address, now: datetime) -> None:
    """After a reorganisation an earlier batch may be un-mined again: what follows it waits."""
    if Batch.objects.filter(status=BatchStatus.SENT).exists():
        return
    for batch in Batch.objects.filter(status=BatchStatus.WAITING):
        last = client().ask(Last(publisher))
        batch_send(batch=batch, publisher=publisher, last=last, now=now)
