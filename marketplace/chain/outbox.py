"""Writing intents and their attempts. Each write is guarded by how its writer last read the row.

Two senders at once therefore need no lock: who comes second changes nothing, and hears SenderRaced.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from marketplace.chain.answers import Receipt
from marketplace.chain.fees import Fees
from marketplace.chain.intent_handlers import intent_handlers_call
from marketplace.chain.intent_rules import (
    IntentDiffers,
    IntentOutsideAtomicBlock,
    IntentStatus,
    SenderRaced,
    key_check,
    transition_check,
)
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.signing import Call, Signed
from protocol.units import Address, Wei, hex_of


def intent_want(
    *, key: str, to: Address, data: bytes, value: int = 0, deadline: datetime | None = None
) -> Intent:
    """Want a transaction, in the atomic block of its cause; the same key again gives the same intent.

    `value` in wei. After `deadline`, in the chain's time, it is not signed any more; what is signed is
    followed to its end. Raises IntentOutsideAtomicBlock, IntentMalformed, IntentDiffers.
    """
    if not transaction.get_connection().in_atomic_block:
        raise IntentOutsideAtomicBlock
    key_check(key)
    content = {"to": to, "data": hex_of(data), "value": str(value), "deadline": deadline}
    intent, created = Intent.objects.get_or_create(
        key=key, defaults={**content, "status": IntentStatus.WANTED}
    )
    if not created and any(getattr(intent, name) != wanted for name, wanted in content.items()):
        raise IntentDiffers(key)
    return intent


def intent_sign(
    *, intent: Intent, sender: str, call: Call, fees: Fees, signed: Signed, now: datetime
) -> Attempt:
    """Give a waiting intent its nonce and keep what was signed, in one atomic block. Raises SenderRaced."""
    try:
        with transaction.atomic():
            _move(intent, IntentStatus.SENT, sender=sender, nonce=call.nonce)
            attempt = _attempt_add(intent, call, fees, signed, now)
            intent_handlers_call(intent=intent)
    except IntegrityError as error:
        raise SenderRaced(intent.key) from error
    return attempt


def attempt_add(*, intent: Intent, call: Call, fees: Fees, signed: Signed, now: datetime) -> Attempt:
    """Keep a dearer transaction at the same nonce. Raises SenderRaced."""
    try:
        with transaction.atomic():
            if not _as_read(intent).exists():
                raise SenderRaced(intent.key)
            return _attempt_add(intent, call, fees, signed, now)
    except IntegrityError as error:
        raise SenderRaced(intent.key) from error


def attempt_note(*, attempt: Attempt, objection: str, now: datetime) -> None:
    """Note what a node said to an attempt; an empty `objection` says that it has it."""
    changes = {"objection": objection} if objection else {"objection": "", "sent_at": now}
    Attempt.objects.filter(pk=attempt.pk).update(**changes)


@transaction.atomic
def intent_see(
    *, intent: Intent, attempt: Attempt, receipt: Receipt, status: IntentStatus, reason: str
) -> None:
    """An attempt was mined: what the intent is by that. Raises SenderRaced."""
    value = int(intent.value) if receipt.succeeded else 0
    place = {"block": receipt.block, "block_digest": receipt.block_digest, "transaction": attempt.digest}
    changes = {**place, "cost": str(Wei(receipt.cost + value)), "reason": reason}
    if status == intent.status:
        _as_read(intent).update(**changes)
        return
    _move(intent, status, **changes)
    intent_handlers_call(intent=intent)


@transaction.atomic
def intent_unsee(*, intent: Intent, now: datetime) -> None:
    """The block that held it is gone: it is on its way again, as it was signed. Raises SenderRaced."""
    _move(intent, IntentStatus.SENT, block=None, block_digest="", transaction="", cost="", reason="")
    Attempt.objects.filter(intent=intent).update(sent_at=now)
    intent_handlers_call(intent=intent)


@transaction.atomic
def intent_displace(*, intent: Intent) -> None:
    """Somebody else used up its nonce for good: it waits for a fresh one. Raises SenderRaced."""
    displaced = intent.displaced + 1
    _move(intent, IntentStatus.WANTED, sender="", nonce=None, displaced=displaced, cost="", reason="")
    intent_handlers_call(intent=intent)


@transaction.atomic
def intent_end(*, intent: Intent, status: IntentStatus, reason: str) -> None:
    """A waiting intent will not be signed: it FAILED or EXPIRED. Raises SenderRaced."""
    _move(intent, status, reason=reason)
    intent_handlers_call(intent=intent)


def _as_read(intent: Intent) -> Any:
    """The row, unless it was changed since it was read: then nothing."""
    read = {name: getattr(intent, name) for name in ("pk", "status", "sender", "nonce", "block_digest")}
    return Intent.objects.filter(**read)


def _move(intent: Intent, status: IntentStatus, **changes: Any) -> None:
    transition_check(IntentStatus(intent.status), status)
    if _as_read(intent).update(status=status, **changes) != 1:
        raise SenderRaced(intent.key)
    intent.refresh_from_db()


def _attempt_add(intent: Intent, call: Call, fees: Fees, signed: Signed, now: datetime) -> Attempt:
    return Attempt.objects.create(
        intent=intent,
        number=intent.attempts.count(),
        sender=intent.sender,
        nonce=call.nonce,
        digest=signed.digest,
        raw=signed.raw,
        gas=call.gas,
        max_fee=fees.max_fee,
        priority=fees.priority,
        signed_at=now,
    )
