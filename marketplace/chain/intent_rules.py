"""What may become of an intent, and what the receipt of its transaction says of it. Pure."""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum

from marketplace.chain.answers import Receipt
from protocol.errors import InfillError, TransitionRefused

KEY = re.compile(r"[a-z][a-z_.]*:\S+")
KEY_LENGTH = 200


class IntentStatus(StrEnum):
    """Where an intent stands: waiting without a nonce, signed, seen in a block, or at one of three ends.

    A transaction that reverted stays SENT until its block is final: a reorganisation may yet let it succeed.
    """

    WANTED = "WANTED"
    SENT = "SENT"
    MINED = "MINED"
    FINAL = "FINAL"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


I = IntentStatus  # noqa: E741 - as in protocol.statuses

TRANSITIONS: Mapping[IntentStatus, frozenset[IntentStatus]] = {
    I.WANTED: frozenset({I.SENT, I.FAILED, I.EXPIRED}),
    I.SENT: frozenset({I.MINED, I.FINAL, I.FAILED, I.WANTED}),
    I.MINED: frozenset({I.SENT, I.FINAL, I.FAILED}),
    I.FINAL: frozenset(),
    I.FAILED: frozenset(),
    I.EXPIRED: frozenset(),
}

ENDS = frozenset(status for status, following in TRANSITIONS.items() if not following)


class IntentOutsideAtomicBlock(InfillError):
    """An intent was about to be written apart from its cause."""

    code = "intent-outside-atomic-block"

    def __init__(self) -> None:
        super().__init__("Want a transaction in the atomic block of its cause.")


class IntentMalformed(InfillError):
    """An intent's key has the wrong shape."""

    code = "intent-malformed"


class IntentDiffers(InfillError):
    """The key stands for another transaction already."""

    code = "intent-differs"
    http_status = 409

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is wanted already with another content: give each cause a key of its own.")


class SenderRaced(InfillError):
    """Another sender changed the row first; whatever this one did is undone."""

    code = "sender-raced"
    permanent = False

    def __init__(self, key: str) -> None:
        super().__init__(f"Another sender moved {key} first: nothing was changed.")


def key_check(key: str) -> None:
    """Raises IntentMalformed unless the key is like `kind:<what>`, of at most KEY_LENGTH characters."""
    if not KEY.fullmatch(key) or len(key) > KEY_LENGTH:
        raise IntentMalformed(f"{key!r} is no key of an intent: write it like anchor:<what>, and short")


def kind_of(key: str) -> str:
    """The part of a key that says who wants the intent."""
    return key.partition(":")[0]


def transition_check(current: IntentStatus, new: IntentStatus) -> None:
    """Raises TransitionRefused unless `new` may follow `current`."""
    if new not in TRANSITIONS[current]:
        raise TransitionRefused(current, new)


def status_by(receipt: Receipt | None, finalized: int) -> IntentStatus:
    """What a signed intent is by its transaction's receipt; `finalized` is the newest final block."""
    if receipt is None:
        return I.SENT
    if receipt.block <= finalized:
        return I.FINAL if receipt.succeeded else I.FAILED
    return I.MINED if receipt.succeeded else I.SENT


def nonce_free(used: int, taken: Collection[int]) -> int:
    """The lowest nonce from `used` on that no transaction of ours holds: a gap is filled first."""
    nonce = used
    while nonce in taken:
        nonce += 1
    return nonce
