"""Statuses: every pair, one by one."""

from __future__ import annotations

from itertools import product

import pytest

from protocol.errors import TransitionRefused
from protocol.statuses import (
    TRANSITIONS,
    AgreementStatus,
    BidStatus,
    JobStatus,
    MakingStatus,
    check_transition,
)

ALLOWED = {
    "JobStatus": """DRAFT>MEASURING MEASURING>OPEN MEASURING>REFUSED REFUSED>MEASURING OPEN>AWARDED OPEN>WITHDRAWN
        OPEN>EXPIRED AWARDED>CLOSED AWARDED>OPEN""",
    "BidStatus": "OPEN>AWARDED OPEN>LOST OPEN>WITHDRAWN OPEN>EXPIRED AWARDED>OPEN WITHDRAWN>OPEN",
    "AgreementStatus": """NONE>AWARDED AWARDED>DELIVERED AWARDED>CLOSED DELIVERED>DISPUTED DELIVERED>CLOSED
        DISPUTED>CLOSED""",
    "MakingStatus": """WON>FETCHED FETCHED>SLICED SLICED>QUEUED QUEUED>PRINTING PRINTING>PRINTED PRINTED>CLEARED
        CLEARED>DELIVERED DELIVERED>PAID WON>FAILED FETCHED>FAILED SLICED>FAILED QUEUED>FAILED PRINTING>FAILED
        PRINTED>FAILED CLEARED>FAILED DELIVERED>FAILED""",
}
PAIRS = [
    pair for enum in (JobStatus, BidStatus, AgreementStatus, MakingStatus) for pair in product(enum, enum)
]


def _allowed(current, new) -> bool:
    return f"{current}>{new}" in ALLOWED[type(current).__name__].split()


@pytest.mark.parametrize(("current", "new"), [p for p in PAIRS if not _allowed(*p)], ids=lambda s: s)
def test_a_forbidden_transition_is_refused(current, new):
    with pytest.raises(TransitionRefused):
        check_transition(current, new)


@pytest.mark.parametrize(("current", "new"), [p for p in PAIRS if _allowed(*p)], ids=lambda s: s)
def test_an_allowed_transition_passes(current, new):
    check_transition(current, new)


def test_a_status_of_another_kind_is_refused():
    with pytest.raises(TransitionRefused):
        check_transition(BidStatus.OPEN, JobStatus.AWARDED)


def test_every_status_is_in_the_table():
    for enum in (JobStatus, BidStatus, AgreementStatus, MakingStatus):
        assert set(TRANSITIONS[enum]) == set(enum)
