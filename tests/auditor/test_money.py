"""Every way an agreement's money can go on the real chain is told to the wei."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.auditor.conftest import cleanly

TWELVE_HOURS = 12 * 60 * 60
REVERTS = "0x60006000fd"


def test_an_award_alone_is_clean_and_all_is_left(scene):
    scene.award()
    told = cleanly(scene)
    assert told.balances() == {scene.ada.address: -scene.price, scene.bo.address: -scene.bid.bond}
    assert told.ways() == {"price": "value sent", "bond": "free balance"}


def test_an_award_from_the_designers_free_balance(scene):
    scene.award(from_ledger=True)
    assert cleanly(scene).ways()["price"] == "free balance"


def test_released_in_full(scene):
    told = cleanly(scene.story())
    fee = scene.price * scene.bid.fee_bps // 10_000
    assert told.balances() == {
        scene.ada.address: -scene.price,
        scene.bo.address: scene.price - fee,
        scene.bid.fee_to: fee,
    }


def test_released_without_delivery(scene):
    scene.award()
    scene.release()
    assert cleanly(scene).node.word.status == 4


def test_claimed_by_a_stranger_after_the_review_time(scene, charlie):
    scene.award()
    scene.print()
    scene.deliver()
    scene.anvil.fund(charlie)
    scene.anvil.advance(scene.bid.review_time + 1)
    scene.call(charlie, "claim", scene.bid.as_tuple())
    assert cleanly(scene).balances()[scene.ada.address] == -scene.price


@pytest.mark.parametrize("part", [0, 1, 3 * 10**15 + 7])
def test_refunded_with_a_part_paid(scene, charlie, part):
    scene.award()
    if part:
        scene.release(part)
    scene.anvil.fund(charlie)
    scene.anvil.advance(scene.bid.make_time + TWELVE_HOURS + 1)
    scene.call(charlie, "refund", scene.bid.as_tuple())
    told = cleanly(scene)
    lost = scene.bid.bond - scene.bid.bond * part // scene.price
    assert told.balances()[scene.ada.address] == lost - part
    assert sum(told.balances().values()) == 0


def test_with_a_standby_only_the_designer_refunds_in_the_second_window(scene, charlie):
    scene.award(standby=b"\x05" * 32)
    scene.anvil.advance(scene.bid.make_time + TWELVE_HOURS + 1)
    scene.call(scene.ada, "refund", scene.bid.as_tuple())
    told = cleanly(scene)
    refund = told.node.transactions[told.node.logs[-1].transaction]
    sent = {**told.node.transactions, refund.digest: replace(refund, sender=charlie.address)}
    assert told.lying(transactions=sent).codes() == {"step-sender"}


def test_paid_into_the_ledger_where_the_terms_say_so(scene):
    scene.terms(to_ledger=True)
    assert cleanly(scene.story()).ways()["payment"] == "free balance"


def test_a_refused_push_is_told_as_free_balance(scene):
    scene.award()
    scene.print()
    scene.deliver()
    scene.anvil.rpc("anvil_setCode", scene.bo.address, REVERTS)
    scene.release()
    assert cleanly(scene).ways()["payment"] == "free balance"


def test_a_provider_that_takes_the_fee_too(scene):
    scene.terms(fee_to=scene.bid.provider)
    told = cleanly(scene.story())
    assert told.balances() == {scene.ada.address: -scene.price, scene.bo.address: scene.price}


def test_no_bond_and_no_fee(scene):
    scene.terms(bond=0, fee_bps=0)
    assert set(cleanly(scene.story()).ways()) == {"price", "payment"}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_terms_and_payments_conserve_every_wei(scene, data):
    scene.terms(
        unit_price=data.draw(st.integers(1, 10**16)),
        bond=data.draw(st.integers(0, 10**15)),
        fee_bps=data.draw(st.integers(0, 1000)),
        to_ledger=data.draw(st.booleans()),
        salt=data.draw(st.integers(0, 2**256 - 1)),
        valid_until=scene.anvil.now() + 3600,
    )
    scene.units = data.draw(st.integers(1, 2))
    scene.provider_log.clear()
    scene.award()
    scene.print()
    scene.deliver()
    for paid in sorted(data.draw(st.sets(st.integers(1, scene.price), max_size=3)) | {scene.price}):
        scene.release(paid)
    total = cleanly(scene).balances()
    assert sum(total.values()) == 0
    assert total[scene.bid.fee_to] == scene.price * scene.bid.fee_bps // 10_000
