"""The chain changes its mind: afterwards the rows are those of a fresh follow."""

from __future__ import annotations

import random

import pytest

from contracts.deploy import deploy
from marketplace.chain.client import BlockHead, NodeClient, client
from marketplace.chain.follower import Follower, follow_to_head
from marketplace.chain.models import Cursor, Log
from marketplace.chain.rules import Span
from marketplace.chain.selectors import deployment_current
from tests.anvil import running_anvil
from tests.chain.conftest import Chain, forget, stored

pytestmark = pytest.mark.django_db(transaction=True)


def equals_a_fresh_follow() -> None:
    followed = stored()
    forget()
    follow_to_head()
    assert followed == stored()


def test_a_log_that_was_taken_back_is_removed_and_told(chain, ada, heard):
    kept = chain.deposit(ada, 1)["blockNumber"]
    follow_to_head()
    gone = chain.deposit(ada, 2)["blockNumber"]
    follow_to_head()
    chain.reorganise(1)
    step = follow_to_head()
    assert step.removed == 1
    assert heard == [("seen", "Deposited", kept), ("seen", "Deposited", gone), ("removed", "Deposited", gone)]
    assert [log.args["amount"] for log in Log.objects.all()] == ["1"]
    equals_a_fresh_follow()


def test_the_newest_log_is_taken_back_first(chain, ada, heard):
    follow_to_head()
    blocks = [chain.deposit(ada, amount)["blockNumber"] for amount in (1, 2, 3)]
    follow_to_head()
    chain.reorganise(3)
    follow_to_head()
    assert [block for change, _, block in heard if change == "removed"] == blocks[::-1]
    assert not Log.objects.exists()


def test_a_handler_of_a_removed_log_no_longer_finds_its_row(chain, ada, heard, monkeypatch):
    from marketplace.chain import handlers

    rows = []
    monkeypatch.setattr(
        handlers,
        "_handlers",
        {"Deposited": [lambda *, log, change: rows.append((change, Log.objects.count()))]},
    )
    follow_to_head()
    chain.deposit(ada)
    follow_to_head()
    chain.reorganise(1)
    follow_to_head()
    assert rows == [("seen", 1), ("removed", 0)]


def test_what_was_taken_back_during_a_step_does_not_become_final(chain, ada, monkeypatch):
    """The chain changes its mind, and calls the new one final, between two questions of one step."""
    chain.deposit(ada)
    follow_to_head()
    finalized = NodeClient.finalized

    def moved(self: NodeClient) -> BlockHead:
        monkeypatch.undo()
        chain.reorganise(1)
        chain.anvil.finalise()
        return finalized(self)

    monkeypatch.setattr(NodeClient, "finalized", moved)
    Follower(deployment_current(), client()).step()
    assert not Log.objects.filter(final=True).exists()
    follow_to_head()
    assert not Log.objects.exists()


def test_a_transaction_that_moved_to_another_block_is_replayed(chain, ada):
    follow_to_head()
    chain.deposit(ada, 5)
    follow_to_head()
    old = Log.objects.get()
    chain.reorganise(2)
    chain.deposit(ada, 5)
    follow_to_head()
    new = Log.objects.get()
    assert (new.args, new.agreement) == (old.args, old.agreement)
    assert new.block_digest != old.block_digest
    equals_a_fresh_follow()


def test_an_award_taken_back_and_made_again_is_one_agreement(chain, ada, bo):
    bid, signature, agreement = chain.bid(bo, ada)
    follow_to_head()
    chain.award(ada, bid, signature)
    follow_to_head()
    chain.reorganise(1)
    follow_to_head()
    assert not Log.objects.filter(agreement=agreement).exists()
    chain.anvil.mine(2)
    chain.award(ada, bid, signature, units=3)
    follow_to_head()
    assert [log.args["units"] for log in Log.objects.filter(agreement=agreement)] == [3]
    equals_a_fresh_follow()


def test_a_chain_that_took_back_final_blocks_is_followed_all_the_same(chain, ada, heard, caplog):
    snapshot = chain.anvil.rpc("evm_snapshot")
    chain.deposit(ada, 1)
    chain.anvil.finalise()
    follow_to_head()
    assert Log.objects.get().final
    chain.anvil.rpc("evm_revert", snapshot)
    chain.deposit(ada, 2)
    chain.anvil.mine(9)
    follow_to_head()
    assert "had called final" in caplog.text
    assert [log.args["amount"] for log in Log.objects.all()] == ["2"]
    assert [change for change, *_ in heard] == ["seen", "final", "removed", "seen", "final"]
    equals_a_fresh_follow()


def test_a_chain_that_became_shorter_is_followed_from_where_both_agree(chain, ada):
    follow_to_head()
    snapshot = chain.anvil.rpc("evm_snapshot")
    chain.deposit(ada)
    chain.anvil.mine(5)
    follow_to_head()
    chain.anvil.rpc("evm_revert", snapshot)
    step = follow_to_head()
    assert (step.removed, step.seen) == (1, step.head)
    assert not Log.objects.exists()


def test_another_chain_at_the_same_address_is_followed_from_its_start(chain, ada, settings, tmp_path):
    chain.deposit(ada, 1)
    chain.anvil.finalise()
    follow_to_head()
    with running_anvil(tmp_path) as anvil:
        anvil.advance(1000)
        folder = tmp_path / "second"
        second = Chain(anvil, deploy(anvil.web3, anvil.web3.eth.accounts[0], folder))
        assert second.deployment.escrow == chain.deployment.escrow
        anvil.fund(ada)
        settings.RPC_URL, settings.DEPLOYMENTS_DIR = anvil.url, folder
        second.deposit(ada, 2)
        follow_to_head()
        assert [log.args["amount"] for log in Log.objects.all()] == ["2"]
        equals_a_fresh_follow()


def test_a_rewind_stopped_halfway_goes_on(chain, ada, heard, monkeypatch):
    from marketplace.chain import follower

    snapshot = chain.anvil.rpc("evm_snapshot")
    for amount in (1, 2, 3):
        chain.deposit(ada, amount)
    chain.anvil.finalise()
    follow_to_head()
    chain.anvil.rpc("evm_revert", snapshot)
    chain.anvil.mine(20)
    real, calls = follower.block_remove, []

    def stops_after_one(**given):
        if calls:
            raise ConnectionError("killed")
        calls.append(1)
        real(**given)

    with monkeypatch.context() as patch:
        patch.setattr(follower, "block_remove", stops_after_one)
        with pytest.raises(ConnectionError):
            follow_to_head()
    assert Log.objects.count() == 2
    follow_to_head()
    assert not Log.objects.exists()
    assert Cursor.objects.get().seen == client().head().number


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_rows_are_those_of_a_fresh_follow(chain, ada, bo, seed):
    chance = random.Random(seed)
    follower = Follower(chain.deployment, client(), Span(blocks=2, largest=3))
    chain.anvil.mine(6)
    for _ in range(40):
        what = chance.choice(["deposit", "deposit", "mine", "reorganise", "step", "step"])
        if what == "deposit":
            chain.deposit(chance.choice([ada, bo]), chance.randrange(1, 9))
        elif what == "mine":
            chain.anvil.mine(chance.randrange(1, 4))
        elif what == "reorganise":
            chain.reorganise(chance.randrange(1, 5))
        else:
            follower.step()
    while follower.step().behind:
        pass
    equals_a_fresh_follow()
