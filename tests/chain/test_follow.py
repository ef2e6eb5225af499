"""Following the escrow: what is stored, how often, and in what order."""

from __future__ import annotations

import pytest
from django.utils import timezone

from contracts.calls import Deposit
from marketplace.chain import handlers
from marketplace.chain.client import client
from marketplace.chain.errors import CursorMoved, NoContract, WrongChain
from marketplace.chain.follower import Follower, follow_to_head, follower_current
from marketplace.chain.models import Block, Cursor, Log
from marketplace.chain.rules import Span
from marketplace.chain.selectors import followed, follower_lag, logs_of
from marketplace.chain.services import KEPT_BELOW_FINAL, block_see, cursor_get
from protocol.units import ZERO_ADDRESS, hex_of, seconds_of
from tests.chain.conftest import forget, stored

pytestmark = pytest.mark.django_db(transaction=True)


def test_another_chain_is_refused(chain, settings):
    follower = follower_current()
    settings.CHAIN_ID = 1
    with pytest.raises(WrongChain, match="CHAIN_ID is 1"):
        follower.check()


def test_an_address_without_code_is_refused(chain):
    chain.anvil.rpc("anvil_setCode", chain.deployment.escrow, "0x")
    with pytest.raises(NoContract, match=chain.deployment.escrow):
        follow_to_head()
    assert not Cursor.objects.exists()


def test_a_second_follower_loses_and_leaves_nothing(chain, ada, heard):
    follow_to_head()
    stale = cursor_get(deployment=chain.deployment)
    chain.deposit(ada)
    follow_to_head()
    before, told = stored(), list(heard)
    block = Block(number=stale.seen + 1, digest="0x", time=timezone.now())
    with pytest.raises(CursorMoved):
        block_see(cursor=stale, block=block, logs=[Log(**{**before[0], "log_index": 9})], seen=block.number)
    assert (stored(), heard) == (before, told)


def test_a_failing_handler_undoes_its_block_and_the_next_follow_makes_it_up(chain, ada, heard, monkeypatch):
    chain.deposit(ada, 1)
    chain.deposit(ada, 2)

    def broken(*, log: Log, change: str) -> None:
        if log.args["amount"] == "2":
            raise LookupError("a mistake in a handler")

    with monkeypatch.context() as patch:
        patch.setattr(handlers, "_handlers", {"Deposited": [broken]})
        with pytest.raises(LookupError):
            follow_to_head()
    assert [log.args["amount"] for log in Log.objects.all()] == ["1"]
    follow_to_head()
    assert [log.args["amount"] for log in Log.objects.all()] == ["1", "2"]
    assert [told for told in heard if told[0] == "seen"] == [("seen", "Deposited", Log.objects.last().block)]


def test_following_twice_changes_nothing(chain, ada, heard):
    chain.deposit(ada)
    chain.anvil.finalise()
    follow_to_head()
    before, told = stored(), list(heard)
    follow_to_head()
    Cursor.objects.update(final=0)
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
    assert (step.added, step.finalised, heard) == (1, 0, [("seen", "Deposited", block)])
    assert not Log.objects.get().final
    chain.anvil.finalise()
    assert follow_to_head().finalised == 1
    assert heard == [("seen", "Deposited", block), ("final", "Deposited", block)]
    assert Log.objects.get().final


def test_logs_of_one_block_keep_their_order(chain, ada, bo, heard):
    chain.anvil.rpc("evm_setAutomine", False)
    sent = []
    for nonce in range(3):
        data = hex_of(Deposit(ZERO_ADDRESS, ada.address, nonce + 1).data)
        transaction = {
            "to": chain.deployment.escrow, "data": data, "value": nonce + 1, "gas": 200_000, "chainId": 31337,
            "nonce": nonce, "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 10**9,
        }  # fmt: skip
        sent.append(
            chain.anvil.web3.eth.send_raw_transaction(ada.sign_transaction(transaction).raw_transaction)
        )
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
    assert log.block_digest == client().block(log.block).digest
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
