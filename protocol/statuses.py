"""Every status there is, and which may follow which. What is not listed is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag, StrEnum

from protocol.errors import TransitionRefused


class JobStatus(StrEnum):
    """Where a designer's job stands."""

    DRAFT = "DRAFT"
    MEASURING = "MEASURING"
    OPEN = "OPEN"
    REFUSED = "REFUSED"
    AWARDED = "AWARDED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    CLOSED = "CLOSED"


class BidStatus(StrEnum):
    """Where a provider's bid stands."""

    OPEN = "OPEN"
    AWARDED = "AWARDED"
    LOST = "LOST"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


class AgreementStatus(StrEnum):
    """Where an agreement stands on chain, in the contract's order."""

    NONE = "NONE"
    AWARDED = "AWARDED"
    DELIVERED = "DELIVERED"
    DISPUTED = "DISPUTED"
    CLOSED = "CLOSED"


class AgreementFlag(IntFlag):
    """What an agreement's word says beside its status."""

    REFUND_TO_LEDGER = 1
    GIVEN_UP = 2


class How(StrEnum):
    """How an agreement closed, in the contract's order; OPEN while it has not."""

    OPEN = "OPEN"
    RELEASED = "RELEASED"
    REDEEMED = "REDEEMED"
    CLAIMED = "CLAIMED"
    REFUNDED = "REFUNDED"
    REAWARDED = "REAWARDED"
    CANCELLED = "CANCELLED"
    RULED = "RULED"
    SETTLED = "SETTLED"
    EXPIRED = "EXPIRED"


class MakingStatus(StrEnum):
    """Where an agent stands with what it won."""

    WON = "WON"
    FETCHED = "FETCHED"
    SLICED = "SLICED"
    QUEUED = "QUEUED"
    PRINTING = "PRINTING"
    PRINTED = "PRINTED"
    CLEARED = "CLEARED"
    DELIVERED = "DELIVERED"
    PAID = "PAID"
    FAILED = "FAILED"


class PrinterStatus(StrEnum):
    """What a printer is doing, in one word for every printer software; any may follow any."""

    UNREACHABLE = "UNREACHABLE"
    DISCONNECTED = "DISCONNECTED"
    READY = "READY"
    STARTING = "STARTING"
    PRINTING = "PRINTING"
    PAUSING = "PAUSING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"
    FINISHED_UNCLEARED = "FINISHED_UNCLEARED"
    FAULT = "FAULT"
    UNKNOWN = "UNKNOWN"


Status = JobStatus | BidStatus | AgreementStatus | MakingStatus
J, B, A, M = JobStatus, BidStatus, AgreementStatus, MakingStatus

# Keyed by kind first: members of different kinds with the same text are equal.
TRANSITIONS: Mapping[type[Status], Mapping[Status, frozenset[Status]]] = {
    J: {
        J.DRAFT: frozenset({J.MEASURING}),
        J.MEASURING: frozenset({J.OPEN, J.REFUSED}),
        J.REFUSED: frozenset({J.MEASURING}),
        J.OPEN: frozenset({J.AWARDED, J.WITHDRAWN, J.EXPIRED}),
        J.AWARDED: frozenset({J.CLOSED, J.OPEN}),
        J.WITHDRAWN: frozenset(),
        J.EXPIRED: frozenset(),
        J.CLOSED: frozenset(),
    },
    B: {
        B.OPEN: frozenset({B.AWARDED, B.LOST, B.WITHDRAWN, B.EXPIRED}),
        B.AWARDED: frozenset({B.OPEN}),
        B.LOST: frozenset(),
        # The chain can take back what withdrew it, and a hot key that is set again revives its bids.
        B.WITHDRAWN: frozenset({B.OPEN}),
        B.EXPIRED: frozenset(),
    },
    A: {
        A.NONE: frozenset({A.AWARDED}),
        A.AWARDED: frozenset({A.DELIVERED, A.CLOSED}),
        A.DELIVERED: frozenset({A.DISPUTED, A.CLOSED}),
        A.DISPUTED: frozenset({A.CLOSED}),
        A.CLOSED: frozenset(),
    },
    M: {
        M.WON: frozenset({M.FETCHED, M.FAILED}),
        M.FETCHED: frozenset({M.SLICED, M.FAILED}),
        M.SLICED: frozenset({M.QUEUED, M.FAILED}),
        M.QUEUED: frozenset({M.PRINTING, M.FAILED}),
        M.PRINTING: frozenset({M.PRINTED, M.FAILED}),
        M.PRINTED: frozenset({M.CLEARED, M.FAILED}),
        M.CLEARED: frozenset({M.DELIVERED, M.FAILED}),
        M.DELIVERED: frozenset({M.PAID, M.FAILED}),
        M.PAID: frozenset(),
        M.FAILED: frozenset(),
    },
}


def check_transition(current: Status, new: Status) -> None:
    """Raises TransitionRefused unless `new` may follow `current`."""
    if type(new) is not type(current) or new not in TRANSITIONS[type(current)][current]:
        raise TransitionRefused(current, new)
