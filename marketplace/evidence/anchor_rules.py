"""When a batch is tried again, and what may become of one. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class BatchStatus(StrEnum):
    """WAITING for a transaction; SENT: one is wanted; ANCHORED: seen on chain; FINAL: for good."""

    WAITING = "WAITING"
    SENT = "SENT"
    ANCHORED = "ANCHORED"
    FINAL = "FINAL"


B = BatchStatus

TRANSITIONS: Mapping[BatchStatus, frozenset[BatchStatus]] = {
    B.WAITING: frozenset({B.SENT, B.ANCHORED, B.FINAL}),
    B.SENT: frozenset({B.WAITING, B.ANCHORED, B.FINAL}),
    B.ANCHORED: frozenset({B.WAITING, B.SENT, B.ANCHORED, B.FINAL}),
    B.FINAL: frozenset(),
}
UNMINED = frozenset({B.WAITING, B.SENT})


def try_due(*, sent_at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether a transaction may be wanted for a waiting batch: the first at once, others not in a hurry."""
    return sent_at is None or now - sent_at >= every


def status_by(status: BatchStatus, *, seen: int, final_time: int, ended: bool) -> BatchStatus:
    """What a batch is by when the chain anchored its root, zero for never, and the finalized block's time.

    `ended`: its transaction came to nothing. Blocks of one second may stand on either side of the finalized
    one: only an earlier time is surely final.
    """
    if seen:
        return B.FINAL if seen < final_time else B.ANCHORED
    if ended:
        return B.WAITING
    return B.SENT if status is B.ANCHORED else status
