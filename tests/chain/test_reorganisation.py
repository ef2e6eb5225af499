"""The chain changes its mind: afterwards the rows are those of a fresh follow."""

from __future__ import annotations

import random

import pytest

from contracts.deploy import deploy
from marketplace.chain.answers import Tips
from marketplace.chain.client import NodeClient
from marketplace.chain.follower import Follower, follow_to_head, follower_current
from marketplace.chain.handlers import Changed
from marketplace.chain.models import Cursor, Log
from marketplace.chain.nodes import client
from marketplace.chain.reorganisation import fork_find
from marketplace.chain.rules import Span
from marketplace.chain.selectors import deployment_current
from tests.anvil import running_anvil
from tests.chain.conftest import Chain, forget, listen, stored

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
    told = [("added", "Deposited", kept), ("added", "Deposited", gone), ("removed", "Deposited", gone)]
    assert heard == told
    assert [log.args["amount"] for log in Log.objects.all()] == ["1"]
    equals_a_fresh_follow()


def test_a_handler_is_told_once_of_all_that_a_step_changed(chain, ada, monkeypatch):
    """A transaction that moves to another block is never gone in between."""
    follow_to_head()
    chain.deposit(ada)
    follow_to_head()
    told = []
    listen(monkeypatch, lambda *, changed: told.append((changed, Log.objects.count())))
    chain.reorganise(1)
    block = chain.deposit(ada)["blockNumber"]
    follow_to_head()
    [(changed, rows)] = told
    assert (len(changed.removed), [row.block for row in changed.added], rows) == (1, [block], 1)


def test_what_was_taken_back_during_a_step_does_not_become_final(chain, ada, monkeypatch):
    """The chain changes its mind, and calls the new one final, between two questions of one step."""
    chain.deposit(ada)
    follow_to_head()
    tips = NodeClient.tips

    def moved(self: NodeClient) -> Tips:
        monkeypatch.undo()
        chain.reorganise(1)
        chain.anvil.finalise()
        return tips(self)

    monkeypatch.setattr(NodeClient, "tips", moved)
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
    assert [change for change, *_ in heard] == ["added", "final", "removed", "added", "final"]
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


def test_a_rewind_that_is_stopped_changed_nothing_and_is_made_up(chain, ada, heard, monkeypatch):
    snapshot = chain.anvil.rpc("evm_snapshot")
    for amount in (1, 2, 3):
        chain.deposit(ada, amount)
    chain.anvil.finalise()
    follow_to_head()
    chain.anvil.rpc("evm_revert", snapshot)
    chain.anvil.mine(20)

    def killed(*, changed: Changed) -> None:
        raise ConnectionError("killed")

    with monkeypatch.context() as patch:
        listen(patch, killed)
        with pytest.raises(ConnectionError):
            follow_to_head()
    assert Log.objects.count() == 3
    follow_to_head()
    assert not Log.objects.exists()
    assert Cursor.objects.get().seen == client().head().number


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 8, 16, 32, 64])
def test_however_deep_the_rows_are_those_of_a_fresh_follow(chain, ada, bo, depth):
    """With deposits in every third block; some come back, in another order, some never."""
    chain.anvil.mine(depth)
    for number in range(depth):
        chain.deposit(ada if number % 2 else bo, number + 1) if number % 3 == 0 else chain.anvil.mine()
    follow_to_head()
    chain.reorganise(depth)
    for number in reversed(range(0, depth, 4)):
        chain.deposit(ada if number % 2 else bo, number + 1)
    follow_to_head()
    equals_a_fresh_follow()


def test_a_cursor_that_was_put_back_reads_from_there_again(chain, ada):
    chain.deposit(ada, 1)
    chain.anvil.finalise()
    follow_to_head()
    rows = stored()
    Cursor.objects.update(seen=0, final=0)
    assert (
        fork_find(cursor=Cursor.objects.get(), deployment=chain.deployment, node=client().nodes[0]).number
        == 0
    )
    follow_to_head()
    assert stored() == rows


@pytest.mark.parametrize("depth", [1, 2, 5, 16, 64])
def test_a_chain_rolled_back_is_followed_down_and_up_again(chain, ada, depth):
    chain.anvil.mine(depth)
    for number in range(depth):
        chain.deposit(ada, number + 1) if number % 3 == 0 else chain.anvil.mine()
    follow_to_head()
    chain.anvil.rpc("anvil_rollback", depth)
    assert follower_current().step().removed == len(range(0, depth, 3))
    follow_to_head()
    equals_a_fresh_follow()
    chain.deposit(ada, 9)
    follow_to_head()
    equals_a_fresh_follow()


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
