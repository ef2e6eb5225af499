"""The node's client: typed refusals, and no question while a transaction is open."""

from __future__ import annotations

import pytest
from django.db import transaction

from contracts.calls import Release
from contracts.views import Accounts, CheckAwardable, DomainSeparator
from marketplace.chain.client import NodeClient
from marketplace.chain.errors import (
    ContractReverted,
    NetworkInAtomicBlock,
    NetworkUnknown,
    NoContract,
    NodeRefused,
    NodeUnreachable,
)
from marketplace.chain.nodes import client
from protocol.units import ZERO_ADDRESS, hex_of
from tests.processes import free_port


def test_a_node_that_is_not_there_is_named():
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NodeUnreachable, match=url) as caught:
        NodeClient(url).tips()
    assert not caught.value.permanent
    assert "start it or correct RPC_URL" in str(caught.value)


@pytest.mark.django_db
@pytest.mark.parametrize("ask", ["tips", "chain_id"])
def test_asking_inside_an_atomic_block_is_refused(chain, ask):
    with transaction.atomic(), pytest.raises(NetworkInAtomicBlock, match="ask first"):
        getattr(NodeClient(chain.anvil.url), ask)()


@pytest.mark.django_db
def test_asking_in_a_test_case_without_a_block_of_ours_is_fine(chain):
    assert NodeClient(chain.anvil.url).chain_id() == 31337


@pytest.mark.django_db(transaction=True)
def test_asking_after_the_block_is_fine(chain):
    with transaction.atomic():
        pass
    assert client().head().number >= chain.deployment.block


def test_a_contract_that_is_not_there_is_named(chain):
    chain.anvil.rpc("anvil_setCode", chain.deployment.escrow, "0x")
    with pytest.raises(NoContract, match=r"contracts\.deploy"):
        client().ask(DomainSeparator())


def test_a_chain_without_deployment_is_named(chain, settings, tmp_path):
    settings.DEPLOYMENTS_DIR = tmp_path / "nowhere"
    with pytest.raises(NetworkUnknown, match="DEPLOYMENTS_DIR"):
        client().ask(DomainSeparator())


def test_a_refusal_of_the_contract_comes_by_name(chain, ada, bo):
    bid, signature, _ = chain.bid(bo, ada, bond=1)
    with pytest.raises(ContractReverted) as caught:
        client().ask(CheckAwardable(bid, signature, bid.provider, 1))
    assert (caught.value.name, caught.value.values) == ("BondUncovered", {"bond": 1, "free": 0})
    assert "BondUncovered" in str(caught.value)
    data = hex_of(Release(bid, 1).data)
    with pytest.raises(ContractReverted) as estimated:
        client().estimate_gas(sender=ada.address, to=chain.deployment.escrow, data=data)
    assert estimated.value.name == "WrongStatus"


def test_a_refusal_of_the_node_is_typed(chain):
    with pytest.raises(NodeRefused):
        NodeClient(chain.anvil.url).logs([chain.deployment.escrow], 10**6, 10**6 + 1)


def test_a_block_beyond_the_head_is_none(chain):
    assert NodeClient(chain.anvil.url).block(10**9) is None


def test_blocks_logs_and_calls(chain, ada):
    receipt = chain.deposit(ada, 7)
    node = NodeClient(chain.anvil.url)
    head = node.tips().head
    assert {head.number: head} == node.blocks([head.number, 10**9])
    assert head.parent == node.block(head.number - 1).digest
    [log] = node.logs([chain.deployment.escrow], 0, head.number)
    assert [log] == node.logs_in([chain.deployment.escrow], head.digest)
    assert (log["blockNumber"], log["blockHash"]) == (hex(head.number), head.digest)
    assert log["transactionHash"] == "0x" + receipt["transactionHash"].hex()
    assert client().ask(Accounts(ZERO_ADDRESS, ada.address)).free == 7
    assert client().balance_of(chain.deployment.escrow) == 7
    assert client().code_at(ada.address) == b""
    assert client().code_at(chain.deployment.escrow)
