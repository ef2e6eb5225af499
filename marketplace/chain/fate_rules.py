"""What becomes of a transaction that somebody sent. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from marketplace.chain.answers import Receipt

FORGET_AFTER = timedelta(hours=1)
"""A transaction that the node has not known for so long is no longer asked about."""
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)


class Fate(StrEnum):
    """PENDING: in no block. REPLACED: another one used its nonce. FAILED: reverted in a block.

    MINED: in a block. FINAL: in one that stays for good. FORGOTTEN: the node knows no more of it.
    """

    PENDING = "PENDING"
    REPLACED = "REPLACED"
    FAILED = "FAILED"
    MINED = "MINED"
    FINAL = "FINAL"
    FORGOTTEN = "FORGOTTEN"


@dataclass(frozen=True)
class Sight:
    """What the node says of one transaction, asked in this order.

    So a nonce is another's only if it was used before the receipt was missing, and a receipt is final only if
    its block already was.
    """

    known: bool
    finalized: int
    nonce_used: bool
    nonce_used_finally: bool
    receipt: Receipt | None


@dataclass(frozen=True)
class Verdict:
    """`settled`: no reorganisation changes it, so nobody need ask again."""

    fate: Fate
    settled: bool


def verdict_of(sight: Sight, *, silent: timedelta) -> Verdict:
    """Where a transaction stands; `silent` is for how long the node has not known it."""
    if sight.receipt:
        return _in_a_block(sight.receipt, sight.finalized)
    if sight.known:
        return Verdict(Fate.PENDING, settled=False)
    if sight.nonce_used:
        return Verdict(Fate.REPLACED, settled=sight.nonce_used_finally)
    if silent >= FORGET_AFTER:
        return Verdict(Fate.FORGOTTEN, settled=True)
    return Verdict(Fate.PENDING, settled=False)


def _in_a_block(receipt: Receipt, finalized: int) -> Verdict:
    settled = receipt.block <= finalized
    if not receipt.succeeded:
        return Verdict(Fate.FAILED, settled)
    return Verdict(Fate.FINAL if settled else Fate.MINED, settled)


def wait_of(age: timedelta) -> timedelta:
    """How long to wait before asking again about a transaction that was noted so long ago."""
    return min(LONGEST_WAIT, max(SHORTEST_WAIT, age / 20))
