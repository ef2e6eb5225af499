"""Killed at any line, overtaken at any line, answers lost on the way: every intent is mined once."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable

import pytest
from django.db import connection

from marketplace.chain.errors import NodeUnreachable
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.sender import sender_step
from marketplace.chain.tasks import send
from tests.chain.desk import SENDER, WRITING, Desk, Killed, at_line
from tests.chain.proxy import Broken, Line, line_to, of

pytestmark = pytest.mark.django_db(transaction=True)


def die() -> None:
    raise Killed


def overtake() -> None:
    """Another sender does a whole step in between, where this one holds no atomic block."""
    if not connection.in_atomic_block:
        sys.settrace(None)
        sender_step()


def sign_and_send(desk: Desk) -> None:
    sender_step()


def see(desk: Desk) -> None:
    sender_step()
    desk.chain.anvil.mine()
    sender_step()


def make_dearer(desk: Desk) -> None:
    desk.dear()
    desk.chain.anvil.rpc("evm_increaseTime", 61)
    desk.chain.anvil.mine()
    sender_step()


def make_final(desk: Desk) -> None:
    desk.chain.anvil.finalise()
    sender_step()


def lost(line: Line, calls: list, answers: list) -> list:
    """The node did it, and who asked never hears."""
    raise Broken(cut=True)


STAGES: dict[str, tuple[list[Callable[[Desk], None]], Callable[[Desk], None]]] = {
    "signing": ([], sign_and_send),
    "replacing": ([sign_and_send], make_dearer),
    "finalising": ([sign_and_send, see], make_final),
    "seeing the dearer one": ([sign_and_send, make_dearer], see),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("act", [die, overtake])
def test_at_any_line(desk, settings, told, stage, act):
    """The lines of a stage in turn, on one chain: every intent deposits an amount of its own.

    The stages after the first leave out the files whose lines are the same in each.
    """
    settings.OPERATOR_MAX_FEE_WEI, settings.OPERATOR_DAILY_WEI = 10**13, 10**22
    desk.chain.anvil.fund(desk.account, ether=10_000)
    before, work = STAGES[stage]
    reached = 0
    for line in itertools.count(1):
        desk.chain.anvil.rpc("evm_setAutomine", False)
        desk.want(line)
        for step in before:
            step(desk)
        if not at_line(line, act, lambda: work(desk), SENDER if stage == "signing" else WRITING):
            break
        reached = line
        desk.chain.anvil.rpc("evm_setAutomine", True)
        desk.dear(1)
        desk.chain.anvil.mine()
        desk.settle()
    desk.chain.anvil.rpc("evm_setAutomine", True)
    desk.dear(1)
    desk.chain.anvil.mine()
    desk.once(*range(1, reached + 2))
    assert reached > 10
    assert desk.chain.anvil.web3.eth.get_transaction_count(desk.account.address) == reached + 1
    for number in range(1, reached + 2):
        assert told(number) in (["SENT", "MINED", "FINAL"], ["SENT", "FINAL"])


def test_an_answer_lost_after_sending_is_harmless(desk, settings):
    with line_to(settings.RPC_URL) as line:
        settings.RPC_URL = line.url
        line.breaks(of("eth_sendRawTransaction")(lost))
        desk.want(7)
        with pytest.raises(NodeUnreachable):
            sender_step()
        assert desk.statuses() == ["SENT"]
        assert Attempt.objects.get().sent_at is None
        desk.once(7)
        assert line.methods.count("eth_sendRawTransaction") == 1


def test_an_answer_lost_while_it_waits_in_the_pool_is_harmless(desk, settings):
    with line_to(settings.RPC_URL) as line, desk.no_mining():
        settings.RPC_URL = line.url
        line.breaks(of("eth_sendRawTransaction")(lost))
        desk.want(7)
        with pytest.raises(NodeUnreachable):
            sender_step()
        sender_step()
        assert len(desk.attempts()) == 1
        desk.chain.anvil.mine()
        desk.once(7)


@pytest.mark.parametrize(
    "method",
    [
        "eth_chainId", "eth_getBlockByNumber", "eth_getBalance", "eth_maxPriorityFeePerGas", "eth_estimateGas",
        "eth_getTransactionCount", "eth_getTransactionReceipt", "eth_getTransactionByHash",
    ],
)  # fmt: skip
def test_whatever_answer_is_lost_the_next_step_goes_on(desk, settings, method):
    with line_to(settings.RPC_URL) as line, desk.no_mining():
        settings.RPC_URL = line.url
        desk.want(7)
        broken = 0
        for number in range(4):
            if number == 2:
                desk.chain.anvil.mine()
            line.breaks(of(method)(lost), times=100)
            send()
            broken += line.times < 100
            line.times = 0
            send()
        assert broken
        desk.once(7)


def test_a_node_that_forgot_its_pool_gets_the_same_bytes_again(desk):
    with desk.no_mining():
        desk.want(7)
        desk.want(8)
        sender_step()
        desk.chain.anvil.rpc("anvil_dropAllTransactions")
        assert desk.chain.anvil.rpc("txpool_status") == {"pending": "0x0", "queued": "0x0"}
        sender_step()
        assert desk.chain.anvil.rpc("txpool_status") == {"pending": "0x2", "queued": "0x0"}
        desk.chain.anvil.mine()
    assert Attempt.objects.count() == 2
    desk.once(7, 8)


def test_a_node_that_forgot_for_long_gets_the_same_bytes_before_dearer_ones(desk):
    with desk.no_mining():
        desk.want(7)
        sender_step()
        desk.chain.anvil.rpc("anvil_dropAllTransactions")
        desk.chain.anvil.advance(600)
        sender_step()
        assert len(desk.attempts()) == 1
        desk.chain.anvil.mine()
    desk.once(7)


def test_a_database_that_lost_the_note_of_sending_is_no_matter(desk):
    desk.want(7)
    sender_step()
    Attempt.objects.update(sent_at=None)
    desk.once(7)
    assert Intent.objects.get().transaction == desk.attempts()[0].digest
