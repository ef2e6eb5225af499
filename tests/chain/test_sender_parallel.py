"""Senders at once, each on a connection of its own, all having read the same rows."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction

from marketplace.activity.models import Activity
from marketplace.chain import following, sender, sending
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.outbox import intent_want
from marketplace.chain.sender import sender_step
from protocol.units import Address
from tests.parallel import at_once, meeting_after

pytestmark = pytest.mark.django_db(transaction=True)
SENDERS = 3


@pytest.fixture
def together(monkeypatch):
    """Run a step in several threads; at the named place each waits until all have come there."""

    def run(module, place: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(module, place, meeting_after(getattr(module, place), SENDERS))
            at_once(*[sender_step] * SENDERS)

    return run


def test_one_of_them_signs(desk, together, told):
    desk.want(7)
    together(sending, "sign")
    assert (Attempt.objects.count(), Intent.objects.get().nonce) == (1, 0)
    desk.once(7)
    assert told() == ["SENT", "MINED", "FINAL"]


def test_two_intents_never_get_one_nonce(desk, monkeypatch):
    """Each sender starts with another intent, and both have found the same nonce free."""
    desk.want(7)
    desk.want(8)
    monkeypatch.setattr(sending, "nonces_taken", meeting_after(sending.nonces_taken, 2))
    orders, mine, waiting = iter(("id", "-id")), threading.local(), sender.intents_waiting

    def in_its_own_order() -> None:
        mine.order = next(orders)
        sender_step()

    monkeypatch.setattr(sender, "intents_waiting", lambda: waiting().order_by(getattr(mine, "order", "id")))
    at_once(in_its_own_order, in_its_own_order)
    assert sorted(Attempt.objects.values_list("nonce", flat=True)) == [0, 1]
    desk.once(7, 8)


def test_one_of_them_makes_it_dearer(desk, together, settings):
    settings.OPERATOR_MAX_FEE_WEI, settings.OPERATOR_DAILY_WEI = 10**13, 10**22
    with desk.no_mining():
        desk.want(7)
        sender_step()
        desk.dear()
        desk.chain.anvil.rpc("evm_increaseTime", 61)
        desk.chain.anvil.mine()
        together(sending, "sign")
    assert len(desk.attempts()) == 2
    desk.chain.anvil.mine()
    desk.once(7)


def test_one_of_them_sees_it_mined_and_one_final(desk, together, told):
    desk.want(7)
    sender_step()
    together(following, "status_by")
    assert told() == ["SENT", "MINED"]
    desk.chain.anvil.finalise()
    together(following, "status_by")
    assert told() == ["SENT", "MINED", "FINAL"]
    desk.once(7)


def test_one_of_them_gives_it_a_fresh_nonce(desk, together, told):
    with desk.no_mining():
        desk.want(7)
        sender_step()
        desk.chain.anvil.rpc("anvil_dropAllTransactions")
    desk.foreign()
    desk.chain.anvil.finalise()
    together(following, "_displaced")
    assert Intent.objects.get().displaced == 1
    desk.once(7)
    assert told() == ["SENT", "WANTED", "SENT", "MINED", "FINAL"]


def test_an_alarm_is_recorded_by_one_of_them(desk, together):
    desk.chain.anvil.rpc("anvil_setBalance", desk.account.address, "0x1")
    together(sender, "intent_alarms")
    assert Activity.objects.filter(kind="chain.alarm").count() == 1
    desk.chain.anvil.fund(desk.account)
    together(sender, "intent_alarms")
    assert Activity.objects.filter(kind="chain.alarm_passed").count() == 1


def test_the_same_cause_at_once_is_one_intent(desk):
    def want():
        with transaction.atomic():
            return intent_want(key="deposit:7", to=Address(desk.account.address), data=b"", value=7).pk

    assert len(set(at_once(*[want] * SENDERS))) == 1


def test_many_steps_at_once_send_many_intents_once(desk):
    for amount in range(1, 13):
        desk.want(amount)
    for _ in range(6):
        at_once(*[sender_step] * SENDERS)
        desk.chain.anvil.finalise()
    desk.once(*range(1, 13))
    assert desk.chain.anvil.web3.eth.get_transaction_count(desk.account.address) == 12
