"""Following transactions that people sent, by their hash. The node is asked outside atomic blocks."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from marketplace.activity.services import activity_record
from marketplace.chain.answers import Receipt, Transaction
from marketplace.chain.client import NodeClient
from marketplace.chain.errors import ChainError
from marketplace.chain.fate_causes import reason_of, replacement_of
from marketplace.chain.fate_rules import Fate, Sight, verdict_of, wait_of
from marketplace.chain.models import SentTransaction
from marketplace.chain.nodes import client
from protocol.errors import InfillError

FOLLOWED_AT_ONCE = 50
"""Unsettled transactions that one person may have followed: each costs questions to the node."""
logger = logging.getLogger(__name__)


class NotYourTransaction(InfillError):
    """The transaction was sent by another account."""

    code = "not-your-transaction"
    http_status = 403


class TooManyFollowed(InfillError):
    """One person has too many transactions followed."""

    code = "too-many-followed"
    http_status = 429


def transactions_noted(person: str) -> QuerySet[SentTransaction]:
    """What a person noted, newest first."""
    return SentTransaction.objects.filter(noted_by=person)


def transactions_due(now: datetime) -> QuerySet[SentTransaction]:
    """What is to be asked about, longest due first."""
    return SentTransaction.objects.filter(settled=False, due_at__lte=now).order_by("due_at")


def transaction_note(
    *, digest: str, person: str, now: datetime, subject: str = "", label: str = ""
) -> SentTransaction:
    """Follow a transaction from now on; one that was forgotten, anew. Noting it twice changes nothing.

    Raises NotYourTransaction, TooManyFollowed. A node that does not answer is asked later.
    """
    found = None
    with passing_over():
        found = client().transaction(digest)
    if found and found.sender != person:
        raise NotYourTransaction(f"{found.sender} sent this transaction, you are {person}.")
    return _note(digest=digest, person=person, now=now, subject=subject, label=label)


@transaction.atomic
def _note(*, digest: str, person: str, now: datetime, subject: str, label: str) -> SentTransaction:
    noted = transactions_noted(person)
    sent = noted.filter(digest=digest).first()
    if sent is None or sent.status == Fate.FORGOTTEN:
        if noted.filter(settled=False).count() >= FOLLOWED_AT_ONCE:
            raise TooManyFollowed(
                f"{FOLLOWED_AT_ONCE} transactions of yours are followed: wait for their fate."
            )
        fresh = {"status": Fate.PENDING, "settled": False, "changed_at": now, "known_at": now, "due_at": now}
        about = {"noted_at": now, "subject": subject, "label": label}
        sent, _ = SentTransaction.objects.update_or_create(
            digest=digest, noted_by=person, defaults=fresh, create_defaults=fresh | about
        )
        _announce(sent, Fate.PENDING)
    return sent


def transaction_claim(*, sent: SentTransaction, now: datetime) -> bool:
    """Whether it is for this caller to ask about it; the next look is put off, whatever happens now."""
    due = SentTransaction.objects.filter(pk=sent.pk, settled=False, due_at=sent.due_at)
    return due.update(due_at=now + wait_of(now - sent.noted_at)) == 1


@contextmanager
def passing_over() -> Iterator[None]:
    """Logs a node that fails for now: the sweep asks it again. Raises the ChainError that stays."""
    try:
        yield
    except ChainError as error:
        if error.permanent:
            raise
        logger.warning("the fate of transactions cannot be asked: %s", error)


def transaction_follow(*, sent: SentTransaction, now: datetime) -> None:
    """Ask the node where a transaction stands, and write it. Raises ChainError."""
    node, _ = client().newest(sent.block or 0)
    found = node.transaction(sent.digest)
    if found and found.sender != sent.noted_by:
        # Noted before the node knew whose it is: it is nobody's here.
        sent.delete()
        return
    if found:
        sent.sender, sent.nonce, sent.known_at = found.sender, found.nonce, now
    sight = _sight(node, sent, known=found is not None)
    if sent.nonce is not None and not sight.nonce_used_finally:
        sent.free_block = sight.finalized
    verdict = verdict_of(sight, silent=now - sent.known_at)
    columns = {"status": verdict.fate, "settled": verdict.settled} | _place(sight.receipt)
    columns |= _told(node, sent, found, sight, verdict.fate)
    seen = {name: getattr(sent, name) for name in ("sender", "nonce", "known_at", "free_block")}
    _write(sent=sent, columns=columns | seen, now=now)


def _sight(node: NodeClient, sent: SentTransaction, *, known: bool) -> Sight:
    """In the order that Sight asks for."""
    finalized, used, used_finally = node.tips().finalized.number, False, False
    if sent.nonce is not None:
        used_finally = node.transaction_count(sent.sender, finalized) > sent.nonce
        used = used_finally or node.transaction_count(sent.sender) > sent.nonce
    return Sight(known, finalized, used, used_finally, node.receipt(sent.digest))


def _place(receipt: Receipt | None) -> dict[str, Any]:
    if receipt is None:
        return {"block": None, "block_digest": ""}
    return {"block": receipt.block, "block_digest": receipt.block_digest}


def _told(
    node: NodeClient, sent: SentTransaction, found: Transaction | None, sight: Sight, fate: Fate
) -> dict[str, Any]:
    """What replaced it, or why it failed; asked for when that becomes its fate."""
    if fate == sent.status and (not sight.receipt or sight.receipt.block_digest == sent.block_digest):
        return {}
    told: dict[str, Any] = {"replaced_by": "", "error": "", "error_args": {}}
    if fate is Fate.REPLACED:
        told["replaced_by"] = replacement_of(node, sent)
    if fate is Fate.FAILED and found and sight.receipt:
        told["error"], told["error_args"] = reason_of(node, found, sight.receipt.block)
    return told


@transaction.atomic
def _write(*, sent: SentTransaction, columns: dict[str, Any], now: datetime) -> None:
    """Only if nobody wrote since it was read; news in the same atomic block."""
    read = {"status": sent.status, "block_digest": sent.block_digest, "settled": False}
    changed = columns["status"] != sent.status
    if changed:
        columns = columns | {"changed_at": now, "due_at": now + timedelta(seconds=1)}
    if SentTransaction.objects.filter(pk=sent.pk, **read).update(**columns) and changed:
        _announce(sent, columns["status"])


def _announce(sent: SentTransaction, fate: Fate) -> None:
    activity_record(
        kind=f"transaction.{fate.lower()}",
        subject=sent.subject or f"transaction:{sent.digest}",
        actor=sent.noted_by,
        data={"transaction": sent.digest, "label": sent.label},
    )
