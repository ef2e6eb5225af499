"""Bad nodes and bad lines: nothing is skipped, nothing is doubled, and nothing false is kept."""

from __future__ import annotations

import pytest

from marketplace.activity.selectors import activity_of
from marketplace.chain import rpc
from marketplace.chain.alarms import alarms_open
from marketplace.chain.errors import (
    ChainError,
    NodeBusy,
    NodeInconsistent,
    NodesBehind,
    NodesDisagree,
    NodeUnreachable,
    WrongChain,
)
from marketplace.chain.follower import Follower, follow_to_head
from marketplace.chain.models import Cursor, Log
from marketplace.chain.nodes import client
from marketplace.chain.rules import Span, bloom_of
from marketplace.chain.selectors import deployment_current
from tests.anvil import running_anvil
from tests.chain import proxy
from tests.chain.conftest import forget, stored
from tests.processes import free_port

pytestmark = pytest.mark.django_db(transaction=True)

LOGS = proxy.of("eth_getLogs")
BLOCKS = proxy.of("eth_getBlockByNumber")
MANY = 1_000
"""All there are here, so that nothing is read ahead: what fails there is read again without a word."""
# What a node may do once, and whether the step then ends with an error.
FAULTS = {
    "silent": (LOGS(proxy.silent), NodeUnreachable),
    "silent about blocks": (BLOCKS(proxy.silent), NodeUnreachable),
    "cut off": (LOGS(proxy.cut_off), NodeUnreachable),
    "garbled": (LOGS(proxy.garbled), NodeUnreachable),
    "busy": (LOGS(proxy.busy), NodeBusy),
    "a page of an error": (LOGS(proxy.page_of_an_error), NodeUnreachable),
    "too much": (LOGS(proxy.too_much), None),
    "no logs": (LOGS(proxy.no_logs), NodeInconsistent),
    "half the logs": (LOGS(proxy.half_the_logs), NodeInconsistent),
    "a log twice": (LOGS(proxy.doubled_logs), NodeInconsistent),
    "a foreign log": (LOGS(proxy.foreign_log), NodeInconsistent),
    "a log of another block": (LOGS(proxy.log_of_another_block), NodeInconsistent),
    "a log without its parts": (LOGS(proxy.log_without_parts), NodeInconsistent),
    "nothing is final": (BLOCKS(proxy.nothing_finalized), NodeInconsistent),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(rpc, "TIMEOUT_SECONDS", 2.0)


@pytest.fixture
def line(chain, settings):
    """The only way to the node."""
    with proxy.line_to(chain.anvil.url) as line:
        settings.RPC_URL = line.url
        yield line


@pytest.fixture
def lines(chain, settings):
    """Two ways to one node."""
    with proxy.line_to(chain.anvil.url) as first, proxy.line_to(chain.anvil.url) as second:
        settings.RPC_URL = f"{first.url},{second.url}"
        yield first, second


def follower_of(blocks: int = MANY) -> Follower:
    """Asks for so many blocks at once."""
    return Follower(deployment_current(), client(), Span(blocks=blocks))


def follow_somehow(blocks: int = MANY) -> list[type[ChainError]]:
    """Follow to the head as the command does, so many blocks at once, going on after what passes.

    The errors on the way.
    """
    follower = follower_of(blocks)
    met: list[type[ChainError]] = []
    while True:
        assert len(met) < 10
        try:
            follow_to_head(follower)
        except ChainError as error:
            if error.permanent:
                raise
            met.append(type(error))
        else:
            return met


def equals_what_the_chain_says(chain, settings) -> None:
    rows = stored()
    settings.RPC_URL = chain.anvil.url
    forget()
    follow_to_head()
    assert rows == stored()
    assert rows


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_while_new_blocks_are_read_costs_nothing_but_time(chain, line, settings, ada, fault):
    follow_to_head()
    happens, error = FAULTS[fault]
    chain.deposit(ada, 1)
    chain.deposit(ada, 2)
    line.breaks(happens)
    assert follow_somehow() == ([error] if error else [])
    assert line.times == 0
    equals_what_the_chain_says(chain, settings)


# What a node says of the past without contradicting itself, only a second node finds out.
CONSISTENT = ("no logs", "half the logs", "a log of another block")


PLAIN = [name for name in FAULTS if name not in CONSISTENT]


@pytest.mark.parametrize("fault", PLAIN)
def test_a_fault_while_the_past_is_read_costs_nothing_but_time(chain, line, settings, ada, fault):
    for amount in range(1, 4):
        chain.deposit(ada, amount)
    chain.anvil.mine(8)
    happens, error = FAULTS[fault]
    line.breaks(happens)
    assert follow_somehow() == ([error] if error else [])
    equals_what_the_chain_says(chain, settings)


@pytest.mark.parametrize("fault", PLAIN)
def test_a_fault_while_the_past_is_read_ahead_costs_nothing_but_time(chain, line, settings, ada, fault):
    for amount in range(1, 4):
        chain.deposit(ada, amount)
    chain.anvil.mine(8)
    happens, error = FAULTS[fault]
    line.breaks(happens)
    assert set(follow_somehow(blocks=1)) <= {error}
    assert line.times == 0
    equals_what_the_chain_says(chain, settings)


def test_half_of_a_blocks_logs_are_found_out_when_the_block_is_final(chain, line, settings, ada, bo):
    """Its bloom cannot tell: some of its logs are there."""
    follow_to_head()
    chain.anvil.rpc("evm_setAutomine", False)
    hashes = [chain.deposit_unmined(account) for account in (ada, bo)]
    chain.anvil.mine()
    chain.anvil.rpc("evm_setAutomine", True)
    line.breaks(LOGS(proxy.half_the_logs))
    follow_to_head(follower_of())
    assert Log.objects.count() == 1
    chain.anvil.finalise()
    follow_to_head(follower_of())
    assert list(alarms_open()) == ["logs-differ"]
    chain.anvil.finalise()
    follow_to_head()
    assert alarms_open() == {}
    assert sorted(Log.objects.values_list("transaction", flat=True)) == sorted(hashes)
    equals_what_the_chain_says(chain, settings)


def test_the_second_node_is_asked_where_the_first_fails(chain, lines, settings, ada):
    first, second = lines
    chain.deposit(ada)
    first.breaks(proxy.of("eth_chainId")(proxy.page_of_an_error), times=100)
    first.breaks(BLOCKS(proxy.page_of_an_error), times=100)
    assert follow_to_head().added == 1
    assert "eth_getLogs" in second.methods
    equals_what_the_chain_says(chain, settings)


def test_a_node_that_failed_is_asked_last_for_a_while(chain, lines, ada):
    first, _ = lines
    first.breaks(BLOCKS(proxy.busy), times=1)
    follow_to_head()
    before = len(first.methods)
    follow_to_head()
    assert not any(method == "eth_getLogs" for method in first.methods[before:])


@pytest.mark.parametrize("fault", CONSISTENT)
def test_what_is_wrong_of_the_past_is_found_out_by_the_second_node(chain, lines, settings, ada, fault):
    for amount in range(1, 5):
        chain.deposit(ada, amount)
    chain.anvil.mine(8)
    first, _ = lines
    first.breaks(FAULTS[fault][0])
    assert follow_somehow() == [NodeInconsistent]
    equals_what_the_chain_says(chain, settings)


def test_nodes_that_disagree_on_what_is_final_stop_all_writing(chain, other_chain, settings, ada):
    follow_to_head()
    other_chain.anvil.mine(20)
    before = Cursor.objects.get()
    chain.deposit(ada)
    chain.anvil.finalise()
    settings.RPC_URL = f"{chain.anvil.url},{other_chain.anvil.url}"
    with pytest.raises(NodesDisagree, match="nothing is written until they agree") as caught:
        follow_to_head()
    assert not caught.value.permanent
    assert not Log.objects.exists()
    assert (Cursor.objects.get().seen, Cursor.objects.get().final) == (before.seen, before.final)
    assert alarms_open() == {"nodes-disagree": {"words": str(caught.value)}}
    settings.RPC_URL = chain.anvil.url
    follow_to_head()
    assert alarms_open() == {}
    assert [row.kind for row in activity_of("chain:alarms")] == ["chain.alarm", "chain.alarm_passed"]


def test_an_alarm_is_told_once_while_it_lasts(chain, other_chain, settings):
    other_chain.anvil.mine(50)
    settings.RPC_URL = f"{chain.anvil.url},{other_chain.anvil.url}"
    for _ in range(3):
        with pytest.raises(NodesDisagree):
            follow_to_head()
    assert [row.kind for row in activity_of("chain:alarms")] == ["chain.alarm"]


def test_a_node_of_another_chain_is_not_asked(chain, settings, tmp_path, ada):
    with running_anvil(tmp_path, "--chain-id", "5") as stranger:
        stranger.mine(50)
        settings.RPC_URL = f"{stranger.url},{chain.anvil.url}"
        chain.deposit(ada)
        assert follow_to_head().added == 1
        settings.RPC_URL = stranger.url
        with pytest.raises(WrongChain, match="serves chain 5"):
            follow_to_head()


def test_a_node_whose_address_another_chain_took_over_is_not_asked(chain, settings, tmp_path, ada):
    port = free_port()
    with running_anvil(tmp_path, port=port) as before:
        settings.RPC_URL = before.url
        assert client().head()
    with running_anvil(tmp_path, "--chain-id", "5", port=port) as stranger:
        assert stranger.url == settings.RPC_URL
        with pytest.raises(WrongChain, match="serves chain 5"):
            follow_to_head()


@pytest.fixture
def lagging(chain, settings, tmp_path):
    """A second node, whose newest blocks are missing."""
    state = chain.anvil.rpc("anvil_dumpState")
    folder = tmp_path / "lagging"
    folder.mkdir()
    with running_anvil(folder) as anvil:
        anvil.rpc("anvil_loadState", state)
        yield anvil


def test_a_lagging_node_takes_nothing_back(chain, lagging, settings, ada):
    settings.RPC_URL = chain.anvil.url
    chain.deposit(ada)
    follow_to_head()
    settings.RPC_URL = f"{lagging.url},{chain.anvil.url}"
    assert follow_to_head().removed == 0
    with proxy.line_to(chain.anvil.url) as line:
        line.breaks(proxy.cut_off, times=1000)
        settings.RPC_URL = f"{lagging.url},{line.url}"
        with pytest.raises(NodesBehind, match="waiting for one to catch up"):
            follow_to_head()
    assert Log.objects.count() == 1


def test_a_block_says_whether_it_may_hold_our_logs(chain, ada):
    chain.anvil.mine()
    without = client().head()
    chain.deposit(ada)
    [bits] = bloom_of([chain.deployment.escrow])
    assert client().head().bloom & bits == bits
    assert without.bloom == 0


def test_what_may_be_secret_in_a_nodes_address_is_not_told(chain, settings):
    settings.RPC_URL = "http://user:password@127.0.0.1:1/v3/secret-key?token=secret"
    with pytest.raises(NodeUnreachable) as caught:
        Follower(chain.deployment, client()).check()
    assert "http://127.0.0.1:1 " in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "password" not in str(caught.value)
