"""Wanting a transaction: with its cause or not at all, once, and nothing else under the same key."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from marketplace.chain import intent_handlers
from marketplace.chain.intent_rules import (
    ENDS,
    TRANSITIONS,
    IntentDiffers,
    IntentMalformed,
    IntentOutsideAtomicBlock,
    IntentStatus,
    Receipt,
    SenderRaced,
    key_check,
    nonce_free,
    status_by,
    transition_check,
)
from marketplace.chain.models import Intent
from marketplace.chain.outbox import intent_end, intent_want
from protocol.errors import TransitionRefused
from protocol.units import Address

TO = Address("0x" + "11" * 20)
DEADLINE = datetime(2030, 1, 1, tzinfo=UTC)
I = IntentStatus  # noqa: E741
ALLOWED = {
    (I.WANTED, I.SENT), (I.WANTED, I.FAILED), (I.WANTED, I.EXPIRED),
    (I.SENT, I.MINED), (I.SENT, I.FINAL), (I.SENT, I.FAILED), (I.SENT, I.WANTED),
    (I.MINED, I.SENT), (I.MINED, I.FINAL), (I.MINED, I.FAILED),
}  # fmt: skip


def want(**changes):
    given = {"key": "anchor:1", "to": TO, "data": b"\x01", "value": 5, "deadline": DEADLINE} | changes
    return intent_want(**given)


@pytest.mark.django_db(transaction=True)
def test_outside_an_atomic_block_it_is_refused():
    with pytest.raises(IntentOutsideAtomicBlock, match="in the atomic block of its cause"):
        want()
    assert not Intent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "key", ["", "anchor", "anchor:", ":1", "Anchor:1", "anchor:1 2", "anchor:" + 200 * "1"]
)
def test_a_key_that_says_not_who_wants_what_is_refused(key):
    with pytest.raises(IntentMalformed, match="anchor:<what>"):
        want(key=key)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"to": Address("0x" + "22" * 20)}, {"data": b"\x02"}, {"data": b""}, {"value": 6}, {"deadline": None}],
)
def test_another_content_under_the_same_key_is_refused(change):
    want()
    with pytest.raises(IntentDiffers, match="give each cause a key of its own") as caught:
        want(**change)
    assert caught.value.http_status == 409
    assert Intent.objects.get().data == "0x01"


@pytest.mark.django_db(transaction=True)
def test_with_its_cause_undone_it_is_not_wanted():
    with transaction.atomic():
        want()
        transaction.set_rollback(True)
    assert not Intent.objects.exists()


@pytest.mark.django_db
def test_the_same_cause_twice_is_one_intent():
    assert want() == want()
    assert Intent.objects.get().status == "WANTED"


@pytest.mark.django_db
def test_one_that_was_sent_meanwhile_is_still_the_same():
    first = want()
    Intent.objects.update(status="SENT", sender=TO, nonce=3)
    assert want() == first


@pytest.mark.django_db
def test_who_read_the_row_before_it_changed_changes_nothing(monkeypatch):
    monkeypatch.setattr(intent_handlers, "_handlers", {})
    stale = want()
    Intent.objects.update(status="SENT", sender=TO, nonce=3)
    with pytest.raises(SenderRaced):
        intent_end(intent=stale, status=I.EXPIRED, reason="late")
    assert Intent.objects.get().status == "SENT"


@pytest.mark.django_db
def test_a_handler_hears_its_own_kind_alone_and_once(monkeypatch):
    heard = []
    monkeypatch.setattr(intent_handlers, "_handlers", {})

    def hear(*, intent):
        heard.append((intent.key, intent.status))

    intent_handlers.intents_register("anchor", hear)
    intent_handlers.intents_register("anchor", hear)
    intent_end(intent=want(), status=I.EXPIRED, reason="")
    intent_end(intent=want(key="anchors:1"), status=I.EXPIRED, reason="")
    assert heard == [("anchor:1", "EXPIRED")]


@pytest.mark.parametrize(("current", "new"), list(product(I, I)))
def test_a_status_follows_another_only_where_the_table_says_so(current, new):
    if (current, new) in ALLOWED:
        transition_check(current, new)
    else:
        with pytest.raises(TransitionRefused):
            transition_check(current, new)


def test_ends_are_final_failed_and_expired():
    assert {I.FINAL, I.FAILED, I.EXPIRED} == ENDS
    assert set(TRANSITIONS) == set(I)


@given(st.integers(0, 100), st.integers(0, 100), st.booleans())
def test_a_receipt_decides_for_good_only_once_its_block_is_final(block, finalized, succeeded):
    status = status_by(Receipt(block, "0x", succeeded, 21_000, 1), finalized)
    assert (status in ENDS) == (block <= finalized)
    assert (status in (I.MINED, I.FINAL)) == succeeded
    assert status_by(None, finalized) is I.SENT


@given(st.integers(0, 50), st.sets(st.integers(0, 60)))
def test_the_next_nonce_is_the_lowest_that_is_free(used, taken):
    nonce = nonce_free(used, taken)
    assert nonce >= used
    assert nonce not in taken
    assert set(range(used, nonce)) <= taken


@given(st.from_regex(r"[a-z][a-z_.]{0,20}:\S{1,100}", fullmatch=True))
def test_keys_are_taken(key):
    key_check(key)
