"""Every way an agreement can close on the real chain is clean; a node that tells it otherwise is named."""

import pytest

from auditor.logs import CLOSED, CREDITED, DISPUTED, GAVE_UP, PAID
from tests.auditor.conftest import cleanly
from tests.auditor.lies import STRANGE, inserted, moved, place_of, resent, rewritten, without
from tests.factories import acts
from tests.factories.bundle import Scene

FEE = 10**14 + 3
PART = 10**15 + 1
REVERTS = "0x60006000fd"
PAID_OUT, FEE_TAKEN, TO_DESIGNER, BOND_BACK = "v1", "v2", "v3", "v4"
"""Places in Closed, after how."""


@pytest.fixture
def scene(scene: Scene, charlie) -> Scene:
    """Terms with everything in them; Charlie is about."""
    scene.anvil.fund(charlie)
    scene.terms(dispute_fee=FEE)
    return scene


def fee_on(scene: Scene, paid: int) -> int:
    return paid * scene.bid.fee_bps // 10_000


@pytest.mark.parametrize("part", [0, PART])
@pytest.mark.parametrize("who", ["ada", "bo"])
def test_cancelled_in_the_grace_time(scene, part, who):
    scene.award()
    if part:
        scene.release(part)
    acts.cancel(scene, getattr(scene, who))
    told = cleanly(scene)
    assert told.balances()[scene.ada.address] == -part
    assert "time-late" in moved(told, CLOSED, 61).codes()
    assert "time-late" not in moved(told, CLOSED, 1).codes()
    assert (
        "closing-split" in rewritten(told, CLOSED, v4=scene.bid.bond - 1, v3=scene.price - part + 1).codes()
    )


def test_a_cancel_by_a_stranger_is_named(scene, charlie):
    scene.award()
    acts.cancel(scene, scene.ada)
    told = cleanly(scene)
    assert resent(told, place_of(told, CLOSED), sender=charlie.address).codes() == {"step-sender"}


def test_refunded_at_once_where_the_provider_gave_up(scene, charlie):
    scene.award()
    scene.release(PART)
    acts.give_up(scene)
    acts.refund(scene, charlie)
    told = cleanly(scene)
    assert told.node.word.flags == 2
    assert "time-early" in without(told, GAVE_UP).codes()
    assert "word-flags" in without(told, GAVE_UP).codes()
    stranger = resent(told, place_of(told, GAVE_UP), sender=charlie.address)
    assert stranger.codes() == {"step-sender"}


def test_given_up_and_open_is_clean(scene):
    scene.award()
    acts.give_up(scene)
    assert cleanly(scene).balances()[scene.ada.address] == -scene.price


def test_a_delivery_after_giving_up_is_named(scene):
    acts.delivered(scene)
    assert {"status-illegal", "word-flags"} <= inserted(cleanly(scene), 0, GAVE_UP).codes()


def test_a_dispute_alone_holds_its_fee(scene):
    acts.disputed(scene)
    told = cleanly(scene)
    assert told.balances()[scene.ada.address] == -scene.price - FEE
    assert told.ways()["dispute fee"] == "value sent"
    held = scene.price + scene.bid.bond + FEE
    assert told.lying(balance=held - 1).codes() == {"escrow-short"}
    assert told.lying(balance=held).codes() == set()


def test_a_dispute_paid_from_the_ledger(scene):
    acts.disputed(scene, from_ledger=True)
    assert cleanly(scene).ways()["dispute fee"] == "free balance"


def test_a_dispute_by_a_stranger_late_or_with_another_head_is_named(scene, charlie):
    acts.disputed(scene)
    told = cleanly(scene)
    number = place_of(told, DISPUTED)
    assert resent(told, number, sender=charlie.address).codes() == {"step-sender"}
    assert resent(told, number, value=FEE - 1).codes() == {"step-value"}
    assert "time-late" in moved(told, DISPUTED, scene.bid.review_time + 1).codes()
    assert {"evidence-head", "step-call"} <= rewritten(told, DISPUTED, v0=STRANGE).codes()


def test_a_dispute_without_evidence_is_noted(scene):
    acts.delivered(scene)
    scene.call(scene.ada, "dispute", scene.bid.as_tuple(), bytes(32), False, value=FEE)
    assert any("without committing" in note for note in cleanly(scene).audit().notes)


@pytest.mark.parametrize("cumulative", [0, PART // 2, PART, 2 * PART, "price"])
@pytest.mark.parametrize("bond_back", [0, "bond"])
def test_ruled(scene, cumulative, bond_back):
    acts.disputed(scene)
    scene.release(PART)
    total = scene.price if cumulative == "price" else cumulative
    back = scene.bid.bond if bond_back else 0
    acts.rule(scene, total, back)
    told, given = cleanly(scene), max(PART, total)
    assert told.balances()[scene.eve.address] == FEE
    assert told.balances()[scene.bo.address] == given - fee_on(scene, given) - scene.bid.bond + back
    assert sum(told.balances().values()) == 0


def test_a_ruling_told_otherwise_is_named(scene, charlie):
    acts.disputed(scene)
    acts.rule(scene, PART, 5)
    told = cleanly(scene)
    more = {PAID_OUT: PART + 1, TO_DESIGNER: scene.price - PART + scene.bid.bond - 6}
    assert "step-call" in rewritten(told, CLOSED, **more).codes()
    assert "closing-split" in rewritten(told, CLOSED, v3=scene.price).codes()
    assert "closing-split" in rewritten(told, CLOSED, v2=0).codes()
    assert "closing-split" in rewritten(told, CLOSED, v4=scene.bid.bond + 1).codes()
    assert "time-late" in moved(told, CLOSED, scene.bid.arbiter_time + 1).codes()
    assert resent(told, place_of(told, CLOSED), sender=charlie.address).codes() == {"step-sender"}
    assert {"step-call", "closing-split"} <= rewritten(told, CLOSED, v0=9).codes()
    assert "status-illegal" in without(told, DISPUTED).codes()


def test_an_arbiter_that_cannot_be_paid_is_credited(scene):
    acts.disputed(scene)
    scene.anvil.rpc("anvil_setCode", scene.eve.address, REVERTS)
    acts.rule(scene, 0, 0)
    told = cleanly(scene)
    assert [move.way for move in told.movements() if move.why == "dispute fee"] == [
        "value sent",
        "free balance",
    ]
    assert "credit" in rewritten(told, CREDITED, v0=FEE - 1).codes()


@pytest.mark.parametrize("status", ["AWARDED", "DELIVERED", "DISPUTED"])
@pytest.mark.parametrize("share", ["nothing", "part of the bond", "bond and some", "all"])
def test_settled(scene, status, share):
    acts.REACH[status](scene)
    scene.release(PART)
    bond, rest = scene.bid.bond, scene.price - PART + scene.bid.bond
    total = {"nothing": 0, "part of the bond": bond - 1, "bond and some": bond + PART, "all": rest}[share]
    by, other = (scene.ada, scene.bo) if share == "nothing" else (scene.bo, scene.ada)
    acts.settle(scene, total, by=by, other=other)
    told = cleanly(scene)
    assert told.balances()[scene.ada.address] == -PART - (total - bond)
    assert sum(told.balances().values()) == 0


def test_a_settlement_told_otherwise_is_named(scene, charlie):
    acts.disputed(scene)
    acts.settle(scene, scene.bid.bond + PART, by=scene.ada, other=scene.bo)
    told = cleanly(scene)
    number = place_of(told, CLOSED)
    assert {"closing-split"} <= rewritten(told, CLOSED, v1=PART + 1, v4=scene.bid.bond - 1).codes()
    assert {"closing-split"} <= rewritten(told, CLOSED, v3=1).codes()
    less = {TO_DESIGNER: scene.price - PART + FEE + 1, PAID_OUT: PART - 1}
    assert "step-call" in rewritten(told, CLOSED, **less).codes()
    assert "time-late" in moved(told, CLOSED, 601).codes()
    assert {"step-sender", "settlement-signature"} == resent(told, number, sender=charlie.address).codes()
    assert "settlement-signature" in resent(told, number, sender=scene.bo.address).codes()


def test_a_settlement_about_another_moment_is_named(scene):
    scene.award()
    acts.settle(scene, 0, by=scene.ada, other=scene.bo)
    assert "step-call" in inserted(cleanly(scene), 0, PAID, 5, 0, 0).codes()


@pytest.mark.parametrize("part", [0, PART])
@pytest.mark.parametrize("fallback", [0, 3333, 10_000])
def test_expired_by_a_stranger(scene, charlie, part, fallback):
    scene.terms(fallback_bps=fallback)
    acts.disputed(scene)
    if part:
        scene.release(part)
    acts.expire(scene, charlie)
    told = cleanly(scene)
    given = part + (scene.price - part) * fallback // 10_000
    assert told.balances()[scene.bo.address] == given - fee_on(scene, given)
    assert sum(told.balances().values()) == 0


def test_an_expiry_told_otherwise_is_named(scene, charlie):
    acts.disputed(scene)
    acts.expire(scene, charlie)
    told = cleanly(scene)
    assert "time-early" in moved(told, CLOSED, -2).codes()
    share = scene.price * scene.bid.fallback_bps // 10_000
    greedy = {PAID_OUT: share + 1, TO_DESIGNER: scene.price - share + FEE - 1}
    assert "closing-split" in rewritten(told, CLOSED, **greedy).codes()
    assert "closing-split" in rewritten(told, CLOSED, v3=scene.price - share).codes()


@pytest.mark.parametrize("to_ledger", [False, True])
def test_paid_in_full_in_a_dispute_the_fee_goes_back(scene, to_ledger):
    scene.terms(to_ledger=to_ledger)
    acts.disputed(scene)
    scene.release()
    told = cleanly(scene)
    assert told.balances()[scene.ada.address] == -scene.price
    assert told.ways()["dispute fee back"] == "sent"


def test_a_dispute_fee_that_cannot_be_sent_back_is_credited(scene, charlie):
    """Ada's account refuses money: a voucher that Charlie redeems closes all the same."""
    acts.disputed(scene)
    scene.anvil.rpc("anvil_setCode", scene.ada.address, REVERTS)
    acts.redeem(scene, scene.price, charlie)
    assert cleanly(scene).ways()["dispute fee back"] == "free balance"


def test_redeemed_in_parts_by_a_stranger(scene, charlie):
    acts.delivered(scene)
    acts.redeem(scene, PART, charlie)
    acts.redeem(scene, scene.price, charlie)
    told = cleanly(scene)
    assert told.node.word.paid == scene.price
    other = told.node.transactions[told.node.logs[place_of(told, PAID)].transaction]
    forged = other.input[:-64] + bytes(64)
    assert "voucher-signature" in resent(told, place_of(told, PAID), input=forged).codes()
    assert "step-call" in rewritten(told, PAID, v0=scene.price - 1, v2=0).codes()


def test_a_voucher_is_that_of_a_contract_if_it_says_so(scene, charlie):
    """A designer with code that accepts everything, awarded before it had any."""
    scene.award()
    scene.anvil.rpc("anvil_setCode", scene.ada.address, "0x7f1626ba7e" + "00" * 28 + "60005260206000f3")
    scene.call(charlie, "redeem", scene.bid.as_tuple(), PART, b"anything")
    told = cleanly(scene)
    assert told.lying(accepted=frozenset()).codes() == {"voucher-signature"}
