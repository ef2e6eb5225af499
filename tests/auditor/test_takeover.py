"""A standby takes over what failed: both agreements are clean, and a node that tells it otherwise is named."""

from dataclasses import replace

import pytest

from auditor.logs import AWARDED, CLOSED, GAVE_UP, PAID, STANDBY_DROPPED, topic_of
from protocol.units import ZERO_DIGEST
from tests.auditor.conftest import Told, cleanly
from tests.auditor.lies import inserted, moved, place_of, rewritten, without
from tests.factories import acts
from tests.factories.bundle import Scene

CHEAPER = 5 * 10**14


@pytest.fixture
def other(scene: Scene, charlie) -> Scene:
    """Charlie's bid on the same job, cheaper than Bo's, named as the standby of Bo's."""
    return acts.standby_of(scene, charlie, unit_price=scene.bid.unit_price - CHEAPER)


@pytest.fixture
def taken_over(scene: Scene, other: Scene, dee) -> tuple[Told, Told]:
    """Bo gave up; Dee, a stranger, handed the units to Charlie: what is told of both agreements."""
    scene.anvil.fund(dee)
    scene.award(standby=other.agreement)
    acts.give_up(scene)
    acts.reaward(scene, other, dee)
    return cleanly(scene), cleanly(other)


def unlogged(told: Told, place: int, signature: str) -> Told:
    """A node that withholds a log of one transaction's receipt."""
    log = told.node.logs[place]
    sent = told.node.transactions[log.transaction]
    kept = tuple(log for log in sent.logs if log.topics[0] != topic_of(signature))
    assert len(kept) < len(sent.logs)
    return told.lying(transactions={**told.node.transactions, sent.digest: replace(sent, logs=kept)})


def test_price_and_lost_bond_go_to_the_standby_and_the_surplus_to_the_designer(scene, other, taken_over):
    failed, standby = taken_over
    assert failed.balances()[scene.bo.address] == -scene.bid.bond
    surplus = scene.price + scene.bid.bond - other.price
    assert failed.balances()[scene.ada.address] == surplus - scene.price
    assert failed.ways()["price"] == standby.ways()["price"] == "taken over"
    assert scene.ada.address not in standby.balances()


def test_a_standby_that_takes_over_when_time_is_up_prints_and_is_paid(scene, other, charlie):
    scene.award(standby=other.agreement)
    scene.anvil.advance(scene.bid.make_time + acts.REDEEM_WINDOW + 1)
    acts.reaward(scene, other, charlie)
    told = cleanly(scene)
    assert "time-early" in moved(told, CLOSED, -2).codes()
    other.print()
    other.deliver()
    other.release()
    cleanly(other)


def test_a_takeover_from_who_did_not_fail_is_named(taken_over):
    failed, _ = taken_over
    assert {"time-early", "word-flags"} <= without(failed, GAVE_UP).codes()


def test_a_surplus_that_is_not_what_the_standby_left_is_named(scene, other, taken_over):
    failed, standby = taken_over
    less = scene.price + scene.bid.bond - other.price - 1
    assert {"closing-split", "money-lost"} <= rewritten(failed, CLOSED, v3=less).codes()
    number = next(n for n, log in enumerate(standby.node.failed_logs) if log.topics[0] == topic_of(CLOSED))
    lied = replace(
        standby.node.failed_logs[number],
        data=standby.node.failed_logs[number].data[:-33] + b"\x02" + bytes(32),
    )
    logs = (*standby.node.failed_logs[:number], lied, *standby.node.failed_logs[number + 1 :])
    assert "takeover-price" in standby.lying(failed_logs=logs).codes()


def test_another_standby_than_was_named_is_named(taken_over):
    failed, _ = taken_over
    log = failed.node.logs[0]
    other = replace(log, data=log.data[:-64] + b"\x08" * 32 + log.data[-32:])
    told = failed.lying(logs=(other, *failed.node.logs[1:]))
    assert {"takeover-standby", "award-call", "word-standby"} <= told.codes()


def test_a_standby_that_was_dropped_takes_nothing_over(taken_over):
    failed, _ = taken_over
    assert {"status-illegal", "takeover-standby"} <= inserted(failed, 0, STANDBY_DROPPED).codes()


def test_a_takeover_of_what_was_paid_is_named(scene, taken_over):
    failed, _ = taken_over
    assert "status-illegal" in inserted(failed, 0, PAID, 5, 0, 0).codes()


def test_a_receipt_that_lacks_the_other_agreement_is_named(taken_over):
    failed, standby = taken_over
    assert "takeover-missing" in unlogged(failed, place_of(failed, CLOSED), AWARDED).codes()
    assert "takeover-missing" in unlogged(standby, place_of(standby, AWARDED), CLOSED).codes()
    assert "takeover-missing" in standby.lying(failed_logs=()).codes()


def test_a_dropped_standby_leaves_a_refund_to_anyone(scene, other, charlie):
    scene.award(standby=other.agreement)
    scene.call(scene.ada, "dropStandby", scene.bid.as_tuple())
    acts.give_up(scene)
    acts.refund(scene, charlie)
    told = cleanly(scene)
    assert told.node.standby == ZERO_DIGEST
    assert {"word-standby", "step-sender"} <= without(told, STANDBY_DROPPED).codes()
