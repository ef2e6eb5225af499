"""When a batch is tried again, and what may become of one."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from marketplace.evidence.anchor_rules import TRANSITIONS, BatchStatus, status_by, try_due

NOW = datetime(2026, 1, 31, tzinfo=UTC)
EVERY = timedelta(minutes=10)
ALLOWED = {
    ("WAITING", "SENT"), ("WAITING", "ANCHORED"), ("WAITING", "FINAL"), ("SENT", "WAITING"),
    ("SENT", "ANCHORED"), ("SENT", "FINAL"), ("ANCHORED", "WAITING"), ("ANCHORED", "SENT"), ("ANCHORED", "ANCHORED"),
    ("ANCHORED", "FINAL"),
}  # fmt: skip


@pytest.mark.parametrize("pair", list(product(BatchStatus, repeat=2)), ids="-".join)
def test_what_may_become_of_a_batch(pair):
    before, after = pair
    assert (after in TRANSITIONS[before]) == ((before, after) in ALLOWED)


def test_the_first_transaction_is_wanted_at_once_and_another_later():
    assert try_due(sent_at=None, now=NOW, every=EVERY)
    assert not try_due(sent_at=NOW - EVERY / 2, now=NOW, every=EVERY)
    assert try_due(sent_at=NOW - EVERY, now=NOW, every=EVERY)


@pytest.mark.parametrize(
    ("status", "seen", "final_time", "ended", "expected"),
    [
        ("SENT", 0, 100, False, "SENT"),
        ("SENT", 0, 100, True, "WAITING"),
        ("WAITING", 0, 100, True, "WAITING"),
        ("ANCHORED", 0, 100, False, "SENT"),
        ("ANCHORED", 0, 100, True, "WAITING"),
        ("SENT", 101, 100, False, "ANCHORED"),
        ("SENT", 100, 100, True, "ANCHORED"),
        ("ANCHORED", 99, 100, False, "FINAL"),
        ("WAITING", 99, 100, True, "FINAL"),
    ],
)
def test_the_chain_says_what_a_batch_is(status, seen, final_time, ended, expected):
    assert status_by(BatchStatus(status), seen=seen, final_time=final_time, ended=ended) == expected
