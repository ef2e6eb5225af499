"""The chain changes its mind, or somebody else uses the key: no intent is lost, none has its effect twice."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from web3.exceptions import Web3RPCError

from contracts.calls import Anchor
from marketplace.activity.models import Activity
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.sender import sender_step
from protocol.units import Address

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_taken_back_is_sent_again_as_it_was_signed(desk, told):
    desk.want(7)
    sender_step()
    sender_step()
    assert desk.status() == "MINED"
    first = desk.attempts()
    desk.chain.reorganise(1)
    assert desk.deposited() == []
    with desk.no_mining():
        sender_step()
        intent = Intent.objects.get()
        assert (intent.status, intent.block, intent.transaction, intent.cost) == ("SENT", None, "", "")
        assert desk.chain.anvil.rpc("txpool_status")["pending"] == "0x1"
        desk.chain.anvil.mine()
    desk.once(7)
    assert [attempt.raw for attempt in desk.attempts()] == [attempt.raw for attempt in first]
    assert told() == ["SENT", "MINED", "SENT", "MINED", "FINAL"]


def test_what_moved_to_another_block_stays_mined_and_is_not_told_again(desk, told):
    desk.want(7)
    sender_step()
    sender_step()
    before = Intent.objects.get()
    raw = desk.attempts()[0].raw
    desk.chain.reorganise(1)
    desk.chain.anvil.rpc("eth_sendRawTransaction", raw)
    sender_step()
    after = Intent.objects.get()
    assert after.status == "MINED"
    assert after.block_digest != before.block_digest
    desk.once(7)
    assert told() == ["SENT", "MINED", "FINAL"]


def test_what_succeeded_and_then_reverts_in_another_chain_has_failed(desk, told):
    """In the first chain it follows nothing, as it says; in the second, something that came before it."""
    anchor = Address(desk.chain.deployment.anchor)
    desk.want(7, to=anchor, data=Anchor(b"\x01" * 32, 1, bytes(32)).data, value=0)
    sender_step()
    sender_step()
    assert desk.status() == "MINED"
    raw = desk.attempts()[0].raw
    desk.chain.reorganise(1)
    state = desk.chain.anvil.rpc("eth_getStorageAt", anchor, last_of(desk), "latest")
    assert int(state, 16) == 0
    desk.chain.anvil.rpc("anvil_setStorageAt", anchor, last_of(desk), "0x" + "22" * 32)
    desk.chain.anvil.rpc("eth_sendRawTransaction", raw)
    sender_step()
    assert desk.status() == "SENT"
    desk.settle()
    assert desk.status() == "FAILED"
    assert "NotFollowing" in Intent.objects.get().reason
    assert told() == ["SENT", "MINED", "SENT", "FAILED"]


def last_of(desk) -> str:
    """Where the anchor contract keeps the operator's newest root: the first mapping."""
    from eth_utils.crypto import keccak

    return "0x" + keccak(bytes.fromhex(desk.account.address[2:]).rjust(32, b"\0") + bytes(32)).hex()


def test_a_nonce_that_somebody_else_used_is_given_up_only_once_that_is_final(desk, told):
    with desk.no_mining():
        desk.want(7)
        sender_step()
        desk.chain.anvil.rpc("anvil_dropAllTransactions")
    desk.foreign()
    sender_step()
    assert (desk.status(), Intent.objects.get().nonce) == ("SENT", 0)
    assert desk.alarms() == []
    desk.chain.anvil.finalise()
    with desk.no_mining():
        sender_step()
        intent = Intent.objects.get()
        assert (intent.status, intent.nonce, intent.displaced) == ("SENT", 1, 1)
        assert desk.alarms() == ["foreign-nonce"]
        desk.chain.anvil.mine()
    desk.once(7)
    assert desk.alarms() == []
    assert [attempt.nonce for attempt in desk.attempts()] == [0, 1]
    assert told() == ["SENT", "WANTED", "SENT", "MINED", "FINAL"]
    assert Activity.objects.filter(kind="chain.alarm").count() == 1


def test_a_foreign_use_that_is_taken_back_leaves_the_nonce_to_the_intent(desk):
    with desk.no_mining():
        desk.want(7)
        sender_step()
        desk.chain.anvil.rpc("anvil_dropAllTransactions")
    desk.foreign()
    sender_step()
    desk.chain.reorganise(1)
    desk.once(7)
    assert Intent.objects.get().nonce == 0
    assert len(desk.attempts()) == 1


def test_a_displaced_intent_whose_deadline_has_passed_is_not_signed_again(desk):
    from protocol.units import time_of

    with desk.no_mining():
        desk.want(7, deadline=time_of(desk.chain.anvil.now() + 100))
        sender_step()
        desk.chain.anvil.rpc("anvil_dropAllTransactions")
    desk.foreign()
    desk.chain.anvil.advance(200)
    desk.chain.anvil.finalise()
    sender_step()
    assert desk.status() == "EXPIRED"
    assert desk.deposited() == []


def test_a_gap_that_a_reorganisation_left_is_told_and_filled_by_the_next_intent(desk):
    desk.foreign()
    with desk.no_mining():
        desk.want(7)
        sender_step()
        assert Intent.objects.get().nonce == 1
        desk.chain.reorganise(1)
        sender_step()
        assert desk.alarms() == ["nonce-gap"]
        desk.want(8)
        sender_step()
        assert Intent.objects.get(key="deposit:8").nonce == 0
        desk.chain.anvil.mine()
    desk.once(7, 8)
    assert desk.alarms() == []


def test_final_is_final(desk):
    """Even where a chain takes back what it had called final: nothing is sent that may have been relied on."""
    snapshot = desk.chain.anvil.rpc("evm_snapshot")
    desk.want(7)
    desk.settle()
    assert desk.status() == "FINAL"
    desk.chain.anvil.rpc("evm_revert", snapshot)
    desk.settle()
    assert (desk.status(), desk.deposited()) == ("FINAL", [])


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_each_is_mined_once(desk, settings, seed):
    """Reorganisations, forgotten pools, foreign uses, dear gas, in any order."""
    settings.OPERATOR_MAX_FEE_WEI, settings.OPERATOR_DAILY_WEI = 10**13, 10**22
    chance, anvil, wanted = random.Random(seed), desk.chain.anvil, 0
    anvil.mine(6)
    acts = {
        "want": lambda: desk.want(wanted),
        "step": sender_step,
        "mine": lambda: anvil.mine(chance.randrange(1, 3)),
        "reorganise": lambda: desk.chain.reorganise(chance.randrange(1, 3)),
        "forget": lambda: anvil.rpc("anvil_dropAllTransactions"),
        "foreign": lambda: use_the_key(desk),
        "dear": lambda: desk.dear(chance.randrange(1, 50)),
        "wait": lambda: anvil.rpc("evm_increaseTime", 61),
    }
    with desk.no_mining():
        for _ in range(90):
            act = chance.choice([*acts, "step", "step", "mine", "want"])
            wanted += act == "want"
            acts[act]()
            known = Intent.objects.filter(status="FINAL").count()
            assert len(desk.deposited()) >= known
    desk.dear(1)
    anvil.mine()
    for _ in range(6):
        desk.settle()
    if "nonce-gap" in desk.alarms():
        wanted += 1
        desk.want(wanted)
        desk.settle()
    desk.once(*range(1, wanted + 1))
    assert Attempt.objects.filter(intent__status="FINAL").count() >= wanted


def use_the_key(desk) -> None:
    """A foreign transaction into the pool, at the next nonce; ours may come first, or a foreign one be there."""
    nonce = desk.chain.anvil.web3.eth.get_transaction_count(desk.account.address)
    signed = desk.account.sign_transaction(
        {
            "to": desk.account.address, "value": 1, "nonce": nonce, "chainId": 31337, "gas": 21_000,
            "maxFeePerGas": 10**12, "maxPriorityFeePerGas": 10**11,
        }
    )  # fmt: skip
    with suppress(Web3RPCError):
        desk.chain.anvil.web3.eth.send_raw_transaction(signed.raw_transaction)
