"""Intents on their way to the chain: each is mined once, and its fate is told where its status changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from contracts.calls import Anchor, Release
from marketplace.activity.models import Activity
from marketplace.chain.alarms import alarms_open
from marketplace.chain.errors import NodeUnreachable, WrongChain
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.outbox_selectors import sender_health
from marketplace.chain.sender import sender_step
from marketplace.chain.tasks import send
from protocol.units import Address, bytes_of, time_of
from tests.chain.proxy import line_to, of
from tests.processes import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_a_key_nothing_is_signed_and_it_says_so(desk, settings):
    settings.OPERATOR_KEY = ""
    desk.want(7)
    desk.settle()
    assert desk.statuses() == ["WANTED"]
    assert (sender_health().waiting, sender_health().on_the_way) == (1, 0)
    assert desk.alarms() == ["key-missing"]


def test_without_a_key_and_without_intents_no_node_is_asked(desk, settings):
    settings.OPERATOR_KEY, settings.RPC_URL = "", f"http://127.0.0.1:{free_port()}"
    sender_step()
    assert desk.alarms() == []


def test_a_node_of_another_chain_is_refused(desk, settings):
    settings.CHAIN_ID = 10
    desk.want(7)
    with pytest.raises(WrongChain):
        send()
    assert not Attempt.objects.exists()


def test_while_the_node_is_away_everything_stays_as_it_is(desk, settings):
    desk.want(7)
    url, settings.RPC_URL = settings.RPC_URL, f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NodeUnreachable):
        sender_step()
    send()
    assert desk.statuses() == ["WANTED"]
    settings.RPC_URL = url
    send()
    desk.once(7)


def test_what_the_contract_would_refuse_is_not_sent(desk, bo, ada, told):
    bid, _, _ = desk.chain.bid(bo, ada)
    desk.want(7, data=Release(bid, 1).data, value=0)
    sender_step()
    intent = Intent.objects.get()
    assert intent.status == "FAILED"
    assert "NotDesigner" in intent.reason
    assert told() == ["FAILED"]
    assert not Attempt.objects.exists()


def test_what_reverts_only_once_it_is_mined_has_failed_with_its_name_once_final(desk, told):
    """Two anchors that each follow nothing: both pass the simulation, one is mined first."""
    anchor = Address(desk.chain.deployment.anchor)
    with desk.no_mining():
        desk.want(1, to=anchor, data=Anchor(b"\x01" * 32, 1, bytes(32)).data, value=0)
        desk.want(2, to=anchor, data=Anchor(b"\x02" * 32, 1, bytes(32)).data, value=0)
        sender_step()
        assert desk.statuses() == ["SENT", "SENT"]
        desk.chain.anvil.mine()
    sender_step()
    assert desk.statuses() == ["MINED", "SENT"]
    desk.settle()
    assert desk.statuses() == ["FINAL", "FAILED"]
    refused = Intent.objects.get(key="deposit:2")
    assert refused.reason == "reverted, because of what came before it in its block"
    assert int(refused.cost) > 0
    assert told(2) == ["SENT", "FAILED"]


def test_what_reverts_in_a_later_block_is_named(desk):
    anchor = Address(desk.chain.deployment.anchor)
    with desk.no_mining():
        desk.want(1, to=anchor, data=Anchor(b"\x01" * 32, 1, bytes(32)).data, value=0)
        desk.want(2, to=anchor, data=Anchor(b"\x02" * 32, 1, bytes(32)).data, value=0)
        sender_step()
        first, second = Attempt.objects.order_by("nonce")
        desk.chain.anvil.rpc("anvil_dropTransaction", second.digest)
        desk.chain.anvil.mine()
    sender_step()
    desk.settle()
    assert "NotFollowing" in Intent.objects.get(key="deposit:2").reason
    assert desk.chain.anvil.rpc("eth_getTransactionReceipt", first.digest)["status"] == "0x1"


def test_what_runs_out_of_gas_says_so(desk, monkeypatch):
    monkeypatch.setattr("marketplace.chain.sending.gas_limit", lambda estimate: estimate - 5_000)
    desk.want(7)
    desk.settle()
    assert (desk.status(), Intent.objects.get().reason) == ("FAILED", "out of gas")
    assert desk.deposited() == []


def test_what_follows_something_unmined_waits_instead_of_failing(desk):
    anchor = Address(desk.chain.deployment.anchor)
    first, second = b"\x01" * 32, b"\x02" * 32
    with desk.no_mining():
        desk.want(1, to=anchor, data=Anchor(first, 1, bytes(32)).data, value=0)
        desk.want(2, to=anchor, data=Anchor(second, 1, first).data, value=0)
        sender_step()
        assert desk.statuses() == ["SENT", "WANTED"]
        desk.chain.anvil.mine()
    desk.settle()
    assert desk.statuses() == ["FINAL", "FINAL"]


def test_what_a_node_tries_before_it_takes_it_and_refuses_is_told_in_its_words(desk, settings):
    def refuses(line, calls, answers):
        desk.chain.anvil.rpc("anvil_dropAllTransactions")
        error = {"code": 3, "message": "execution reverted: not now"}
        return [{"jsonrpc": "2.0", "id": call["id"], "error": error} for call in calls]

    with line_to(settings.RPC_URL) as line, desk.no_mining():
        settings.RPC_URL = line.url
        line.breaks(of("eth_sendRawTransaction")(refuses))
        desk.want(7)
        sender_step()
        assert "not now" in alarms_open()["refused"]["objection"]
        sender_step()
        assert desk.alarms() == []
        desk.chain.anvil.mine()
        desk.once(7)


def test_after_its_deadline_an_intent_is_not_signed(desk, settings, told):
    key, settings.OPERATOR_KEY = settings.OPERATOR_KEY, ""
    deadline = time_of(desk.chain.anvil.now() + 50)
    desk.want(7, deadline=deadline)
    sender_step()
    assert desk.status() == "WANTED"
    settings.OPERATOR_KEY = key
    desk.chain.anvil.advance(60)
    sender_step()
    assert desk.status() == "EXPIRED"
    assert told() == ["EXPIRED"]
    desk.settle()
    assert desk.deposited() == []


def test_what_was_signed_is_followed_to_the_end_whatever_its_deadline(desk):
    with desk.no_mining():
        desk.want(7, deadline=time_of(desk.chain.anvil.now() + 50))
        sender_step()
        desk.chain.anvil.rpc("evm_increaseTime", 1000)
    desk.chain.anvil.mine()
    desk.once(7)


def test_its_fate_is_told_step_by_step(desk, told):
    desk.want(7)
    sender_step()
    sender_step()
    desk.chain.anvil.finalise()
    sender_step()
    sender_step()
    assert told() == ["SENT", "MINED", "FINAL"]
    intent = Intent.objects.get()
    assert intent.transaction == desk.attempts()[0].digest
    assert int(intent.cost) > 7


def test_intents_are_mined_in_the_order_in_which_they_were_wanted(desk):
    for amount in (3, 1, 2):
        desk.want(amount)
    sender_step()
    assert [attempt.nonce for attempt in Attempt.objects.all()] == [0, 1, 2]
    desk.settle()
    assert desk.deposited() == [3, 1, 2]


def test_no_more_are_on_the_way_than_nodes_keep(desk, monkeypatch):
    monkeypatch.setattr("marketplace.chain.sender.ON_THE_WAY_LIMIT", 2)
    for amount in (1, 2, 3):
        desk.want(amount)
    with desk.no_mining():
        sender_step()
        sender_step()
        assert desk.statuses() == ["SENT", "SENT", "WANTED"]
        desk.chain.anvil.mine()
    desk.once(1, 2, 3)


def test_a_handler_that_fails_undoes_its_own_intent_alone(desk, told, monkeypatch):
    from marketplace.chain import intent_handlers

    def fails(*, intent):
        raise RuntimeError("a bug")

    intent_handlers.intents_register("broken", fails)
    desk.want(1, key="broken:1")
    desk.want(7)
    sender_step()
    assert desk.statuses() == ["WANTED", "SENT"]
    assert Attempt.objects.count() == 1
    monkeypatch.setitem(intent_handlers._handlers, "broken", [])
    desk.once(1, 7)


def test_a_handler_that_fails_lets_nothing_be_signed_after_its_deadline(desk, told, settings):
    from marketplace.chain import intent_handlers

    def fails(*, intent):
        raise RuntimeError("a bug")

    intent_handlers.intents_register("broken", fails)
    desk.want(1, key="broken:1", deadline=time_of(desk.chain.anvil.now() - 1))
    desk.settle()
    assert desk.statuses() == ["WANTED"]
    assert not Attempt.objects.exists()


def test_what_another_key_signed_is_followed_under_the_new_one(desk, settings, ada):
    with desk.no_mining():
        desk.want(7)
        sender_step()
        desk.chain.anvil.rpc("anvil_dropAllTransactions")
    settings.OPERATOR_KEY = "0x" + ada.key.hex().removeprefix("0x")
    desk.once(7)
    desk.want(8)
    desk.settle()
    assert Intent.objects.get(key="deposit:8").sender == ada.address


def test_raw_transactions_are_stored_before_any_node_sees_them(desk, monkeypatch):
    from marketplace.chain.client import NodeClient

    real, stored = NodeClient.send_raw, []

    def looks(self, raw):
        stored.append(Attempt.objects.filter(raw="0x" + raw.hex()).exists())
        assert not transaction.get_connection().in_atomic_block
        return real(self, raw)

    monkeypatch.setattr(NodeClient, "send_raw", looks)
    desk.want(7)
    desk.once(7)
    assert stored == [True]
    assert bytes_of(desk.attempts()[0].raw)


def test_nothing_was_alarming(desk):
    desk.want(7, deadline=time_of(desk.chain.anvil.now()) + timedelta(hours=1))
    desk.once(7)
    assert desk.alarms() == []
    assert not Activity.objects.filter(kind__startswith="chain.").exists()
    assert sender_health().on_the_way == 0


def test_the_operators_fixture_is_what_it_says(desk):
    assert desk.deposited() == []
    desk.chain.deposit(desk.account, 5)
    assert desk.deposited() == [5]
