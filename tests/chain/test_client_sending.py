"""What the sender asks of a node: nonces, receipts, fees; and handing it what was signed."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import transaction

from contracts.calls import Release
from marketplace.chain.client import NodeClient
from marketplace.chain.errors import ContractReverted, NetworkInAtomicBlock, NodeRefused, NodeUnreachable
from marketplace.chain.fees import Fees
from marketplace.chain.signing import Call, sign
from protocol.units import bytes_of, hex_of
from tests.processes import free_port

UNKNOWN = "0x" + "ab" * 32


def node() -> NodeClient:
    return NodeClient(settings.RPC_URL)


QUESTIONS = {
    "transaction_count": ["0x" + "11" * 20],
    "receipt": [UNKNOWN],
    "transaction": [UNKNOWN],
    "market": [],
    "send_raw": [b"\x02"],
}


def signed(desk, nonce: int):
    call = Call(nonce, desk.chain.deployment.escrow, hex_of(desk.call(7)), 7, 200_000)
    return sign(desk.account, call, Fees(10**10, 10**9))


@pytest.mark.django_db
@pytest.mark.parametrize("question", QUESTIONS)
def test_inside_an_atomic_block_nothing_is_asked(chain, question):
    with transaction.atomic(), pytest.raises(NetworkInAtomicBlock):
        getattr(node(), question)(*QUESTIONS[question])


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_node_that_is_away_is_named_and_no_answer_is_made_up(question):
    with pytest.raises(NodeUnreachable):
        getattr(NodeClient(f"http://127.0.0.1:{free_port()}"), question)(*QUESTIONS[question])


@pytest.mark.django_db
def test_what_the_node_does_not_know(desk):
    assert node().receipt(UNKNOWN) is None
    assert not node().transaction(UNKNOWN)
    assert node().transaction_count(desk.account.address) == 0


@pytest.mark.django_db
def test_an_objection_comes_in_the_nodes_own_words(desk):
    assert node().send_raw(bytes_of(signed(desk, 0).raw)) == ""
    assert node().send_raw(bytes_of(signed(desk, 0).raw)) == "nonce too low"
    assert node().send_raw(b"\x02\xff") != ""


@pytest.mark.django_db
def test_a_receipt_says_where_and_what_it_cost(desk):
    transaction_ = signed(desk, 0)
    balance = node().balance_of(desk.account.address)
    node().send_raw(bytes_of(transaction_.raw))
    receipt, head = node().receipt(transaction_.digest), node().tips().head
    assert (receipt.block, receipt.block_digest, receipt.succeeded) == (head.number, head.digest, True)
    assert balance - node().balance_of(desk.account.address) == receipt.cost + 7
    assert 21_000 < receipt.gas_used < 200_000
    assert node().transaction(transaction_.digest)
    assert node().transaction_count(desk.account.address) == 1
    assert node().transaction_count(desk.account.address, head.number - 1) == 0


@pytest.mark.django_db
def test_what_waits_in_the_pool_is_known_without_a_receipt(desk):
    with desk.no_mining():
        node().send_raw(bytes_of(signed(desk, 0).raw))
        assert node().transaction(signed(desk, 0).digest)
        assert node().receipt(signed(desk, 0).digest) is None


@pytest.mark.django_db
def test_the_market_is_that_of_the_newest_block(desk):
    desk.dear(33)
    desk.chain.anvil.mine()
    assert node().market().base_fee == 33 * 10**9
    assert node().market().priority > 0


@pytest.mark.django_db
def test_a_simulation_on_an_older_block_names_the_refusal(desk, ada, bo):
    bid, _, _ = desk.chain.bid(bo, ada)
    call = {"sender": ada.address, "to": desk.chain.deployment.escrow, "value": 0}
    with pytest.raises(ContractReverted) as caught:
        node().call(**call, data=hex_of(Release(bid, 1).data), block=node().tips().head.number - 1)
    assert caught.value.name == "WrongStatus"
    with pytest.raises(NodeRefused):
        node().call(**call, data="0x", block=10**9)


def test_the_same_transaction_is_signed_to_the_same_bytes(ada):
    call = Call(3, "0x" + "11" * 20, "0x01", 5, 30_000)
    assert sign(ada, call, Fees(9, 2)) == sign(ada, call, Fees(9, 2))
    assert sign(ada, call, Fees(9, 2)).digest != sign(ada, call, Fees(10, 3)).digest
