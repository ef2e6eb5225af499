"""Following the escrow: what is stored, how often, and in what order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.chain.errors import CursorMoved, NoContract, WrongChain
from marketplace.chain.follower import Follower, follow_to_head
from marketplace.chain.handlers import Changed
from marketplace.chain.models import Block, Cursor, Log
from marketplace.chain.nodes import client
from marketplace.chain.rules import Span
from marketplace.chain.selectors import followed, follower_lag, logs_of
from marketplace.chain.services import KEPT_BELOW_FINAL, chain_advance, cursor_get, cursor_leave, cursor_take
from protocol.units import seconds_of
from tests.chain.conftest import forget, listen, stored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def restarted(chain, settings):
    """Nodes asked for the first time: what is known of them is kept by process."""
    settings.RPC_URL = chain.anvil.url.replace("127.0.0.1", "localhost")


def test_another_chain_is_refused(chain, settings, restarted):
    settings.CHAIN_ID = 1
    with pytest.raises(WrongChain, match=r"localhost:\d+ serves chain 31337, but CHAIN_ID is 1"):
        Follower(chain.deployment, client()).check()


@pytest.mark.parametrize("contract", ["escrow", "anchor"])
def test_an_address_without_code_is_refused(chain, contract):
    address = getattr(chain.deployment, contract)
    chain.anvil.rpc("anvil_setCode", address, "0x")
    with pytest.raises(NoContract, match=address):
        follow_to_head()
    assert not Cursor.objects.exists()


def test_a_second_follower_loses_and_leaves_nothing(chain, ada, heard):
    follow_to_head()
    stale = cursor_get(deployment=chain.deployment)
    chain.deposit(ada)
    follow_to_head()
    before, told = stored(), list(heard)
    with pytest.raises(CursorMoved):
        chain_advance(cursor=stale, fork=stale.seen - 1, final=stale.seen, stretch=None)
    assert (stored(), heard) == (before, told)


def test_a_second_follower_waits_for_its_turn(chain, ada):
    first, second = (
        Follower(chain.deployment, client(), Span(blocks=100), holder=holder)
        for holder in ("first", "second")
    )
    first.step()
    chain.deposit(ada)
    with pytest.raises(CursorMoved, match="waits for its turn"):
        second.step()
    assert first.step().added == 1
    cursor_leave(holder="first")
    chain.deposit(ada)
    assert second.step().added == 1


def test_a_turn_that_its_holder_does_not_renew_ends(chain, ada):
    first = Follower(chain.deployment, client(), holder="first")
    first.step()
    stale = Cursor.objects.get()
    Cursor.objects.update(held_until=stale.held_until - timedelta(hours=1))
    assert cursor_take(cursor=Cursor.objects.get(), holder="second")
    with pytest.raises(CursorMoved):
        chain_advance(cursor=stale, fork=stale.seen, final=stale.final, stretch=None)


def test_a_failing_handler_undoes_its_step_and_the_next_follow_makes_it_up(chain, ada, heard, monkeypatch):
    chain.deposit(ada, 1)
    follow_to_head()
    block = chain.deposit(ada, 2)["blockNumber"]

    def broken(*, changed: Changed) -> None:
        raise LookupError("a mistake in a handler")

    with monkeypatch.context() as patch:
        listen(patch, broken)
        with pytest.raises(LookupError):
            follow_to_head()
    assert [log.args["amount"] for log in Log.objects.all()] == ["1"]
    follow_to_head()
    assert [log.args["amount"] for log in Log.objects.all()] == ["1", "2"]
    assert heard[-1] == ("added", "Deposited", block)


def test_what_is_stored_already_is_stored_once(chain, ada):
    chain.deposit(ada)
    chain.anvil.finalise()
    follow_to_head()
    before = stored()
    Cursor.objects.update(seen=chain.deployment.block, final=chain.deployment.block)
    Block.objects.all().delete()
    follow_to_head()
    assert stored() == before


def test_following_twice_changes_nothing(chain, ada, heard):
    chain.deposit(ada)
    chain.anvil.finalise()
    follow_to_head()
    before, told = stored(), list(heard)
    follow_to_head()
    assert (stored(), heard) == (before, told)


def test_reading_block_by_block_gives_the_same_rows(chain, ada, bo):
    for account in (ada, bo, ada):
        chain.deposit(account)
        chain.anvil.mine(2)
    follow_to_head()
    at_once = stored()
    forget()
    follower = Follower(chain.deployment, client(), Span(blocks=1, largest=1))
    while follower.step().behind:
        pass
    assert stored() == at_once
    assert len(at_once) == 3


def test_logs_are_seen_then_final(chain, ada, heard):
    block = chain.deposit(ada)["blockNumber"]
    step = follow_to_head()
    assert (step.added, step.finalised, heard) == (1, 0, [("added", "Deposited", block)])
    assert not Log.objects.get().final
    chain.anvil.finalise()
    assert follow_to_head().finalised == 1
    assert heard == [("added", "Deposited", block), ("final", "Deposited", block)]
    assert Log.objects.get().final


def test_logs_of_one_block_keep_their_order(chain, ada, bo, heard):
    chain.anvil.rpc("evm_setAutomine", False)
    for amount in (1, 2, 3):
        chain.deposit_unmined(ada, amount)
    chain.anvil.mine()
    follow_to_head()
    assert [log.args["amount"] for log in Log.objects.all()] == ["1", "2", "3"]
    assert len({log.block for log in Log.objects.all()}) == 1


def test_an_award_is_stored_with_everything_it_says(chain, ada, bo):
    bid, signature, agreement = chain.bid(bo, ada)
    receipt = chain.award(ada, bid, signature, units=2)
    assert receipt["status"] == 1
    follow_to_head()
    (log,) = logs_of(agreement)
    assert (log.name, log.agreement, log.block) == ("Awarded", agreement, receipt["blockNumber"])
    assert log.args["bid"] == bid.to_json()
    assert (log.args["units"], log.args["designer"], log.args["provider"]) == (2, ada.address, bo.address)
    assert seconds_of(log.time) == chain.anvil.web3.eth.get_block(log.block)["timestamp"]
    assert log.block_digest == "0x" + receipt["blockHash"].hex()
    raw = receipt["logs"][0]
    assert log.data == "0x" + raw["data"].hex()
    assert log.topics == ["0x" + topic.hex() for topic in raw["topics"]]
    assert log.log_index == raw["logIndex"]


def test_a_log_without_agreement_names_none(chain, ada):
    chain.deposit(ada)
    follow_to_head()
    assert Log.objects.get().agreement == ""


def test_digests_no_reorganisation_reaches_are_dropped(chain):
    follower = Follower(chain.deployment, client(), Span(blocks=1, largest=1))
    chain.anvil.mine(KEPT_BELOW_FINAL + 30)
    while follower.step().behind:
        pass
    final = Cursor.objects.get().final
    assert Block.objects.filter(number__lte=final).count() == KEPT_BELOW_FINAL
    assert Block.objects.filter(number__gt=final).count() == 2


def test_the_lag_is_counted_in_blocks(chain):
    assert (followed(), follower_lag(5)) == (None, None)
    step = follow_to_head()
    assert followed().head == step.head
    assert followed().time == client().head().time
    assert follower_lag(step.head + 3) == 3
    assert follower_lag(step.head - 1) == 0
