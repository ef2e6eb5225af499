"""The five ways of an award, each in coin and in a token: clean on the real chain, named where a node lies."""

from dataclasses import replace

import pytest

from auditor.logs import AGENT_SET, AWARDED, DELIVERED, EPOCH_BUMPED, topic_of
from protocol.units import ZERO_DIGEST
from tests.auditor.conftest import Told, cleanly
from tests.auditor.lies import moved, resent
from tests.factories import acts
from tests.factories.bundle import Scene, resealed
from tests.factories.token import Token

PLENTY = 10**19


@pytest.fixture
def scene(scene: Scene, charlie) -> Scene:
    scene.anvil.fund(charlie)
    return scene


@pytest.fixture
def token(scene: Scene) -> Token:
    """The terms are in a token that Ada and Bo have and let the escrow take."""
    token = Token(scene.anvil)
    for owner in (scene.ada, scene.bo):
        token.give(owner, scene.escrow, PLENTY)
    scene.terms(token=token.address, dispute_fee=7)
    return token


def finished(scene: Scene) -> Told:
    """Printed, delivered, paid: clean."""
    scene.print()
    scene.deliver()
    scene.release()
    return cleanly(scene)


def without_around(told: Told, signature: str) -> Told:
    """A node that withholds what is not the agreement's own."""
    kept = tuple(log for log in told.node.around if log.topics[0] != topic_of(signature))
    assert len(kept) < len(told.node.around)
    return told.lying(around=kept)


def test_in_a_token_with_an_allowance(scene, token):
    scene.award()
    assert token.contract.functions.balanceOf(scene.escrow).call() == cleanly(scene).node.balance
    told = finished(scene)
    assert told.ways()["price"] == "allowance"
    assert told.balances()[scene.ada.address] == -scene.price


def test_a_token_that_the_escrow_no_longer_has_is_named(scene, token):
    scene.award()
    told = cleanly(scene)
    assert told.lying(balance=scene.price + scene.bid.bond - 1).codes() == {"escrow-short"}


def test_a_dispute_in_a_token(scene, token, charlie):
    acts.disputed(scene)
    assert cleanly(scene).ways()["dispute fee"] == "allowance"
    acts.expire(scene, charlie)
    assert sum(cleanly(scene).balances().values()) == 0


def test_with_a_permit(scene, token):
    token.give(scene.ada, scene.escrow, 0)
    scene.deposit(scene.bo)
    permit = token.permit(scene.ada, scene.escrow, scene.price)
    arguments = [*scene.offer, scene.units, ZERO_DIGEST, ZERO_DIGEST, permit]
    scene.call(scene.ada, "awardWithPermit", *arguments)
    told = finished(scene)
    assert told.ways()["price"] == "allowance"
    assert "award-sender" in resent(told, 0, sender=scene.bo.address).codes()


@pytest.mark.parametrize("currency", ["coin", "token"])
def test_for_a_designer_who_only_signs(scene, charlie, currency, request):
    if currency == "token":
        request.getfixturevalue("token")
    acts.award_for(scene, charlie)
    told = finished(scene)
    assert told.ways()["price"] == "free balance"


def test_a_consent_that_is_not_the_designers_or_over_is_named(scene, charlie):
    acts.award_for(scene, charlie, standby=b"\x05" * 32)
    told = cleanly(scene)
    assert "consent-late" in moved(told, AWARDED, 601).codes()
    sent = told.node.transactions[told.node.logs[0].transaction].input
    # The last argument is the signature: its words are length, r, s, v.
    forged = sent[:-96] + bytes(32) + sent[-64:]
    assert resent(told, 0, input=forged).codes() == {"consent-signature"}
    other = sent.replace(told.agreement, b"\x09" * 32)
    assert {"consent-agreement", "consent-signature"} <= resent(told, 0, input=other).codes()
    units = sent.replace(told.agreement + (2).to_bytes(32), told.agreement + (3).to_bytes(32))
    assert {"award-call", "consent-signature"} <= resent(told, 0, input=units).codes()


def hot(scene: Scene, key, bond_left: int, seconds: int = 86_400) -> None:
    until = scene.anvil.now() + seconds
    scene.call(scene.bo, "setAgent", scene.bid.token, key.address, until, bond_left)
    scene.signer = key


def test_signed_and_delivered_by_a_hot_key(scene, charlie):
    hot(scene, charlie, scene.bid.bond)
    scene.award()
    scene.print()
    scene.call(charlie, "deliver", scene.bid.as_tuple(), acts.head_of(scene.provider_log[-1], scene.infill))
    told = cleanly(scene)
    assert {"bid-signer", "step-sender"} == without_around(told, AGENT_SET).codes()


def test_evidence_signed_by_the_hot_key_of_the_bid_is_the_providers(scene, charlie):
    hot(scene, charlie, scene.bid.bond)
    scene.award()
    scene.print()
    last = scene.provider_log[-1]
    by_key = bytes(charlie.unsafe_sign_hash(last.record.digest(scene.infill)).signature)
    scene.provider_log[-1] = replace(last, signature=by_key)
    scene.deliver()
    told = cleanly(scene)
    assert {"bid-signer", "evidence-signature"} <= without_around(told, AGENT_SET).codes()


def test_a_hot_key_that_was_revoked_later_was_live_then(scene, charlie):
    hot(scene, charlie, scene.bid.bond)
    scene.award()
    scene.call(scene.bo, "setAgent", scene.bid.token, charlie.address, 1, 0)
    told = cleanly(scene)
    assert "bid-signer" in moved(told, AWARDED, 86_500).codes()
    set_, revoked = told.node.around
    assert told.lying(around=(replace(set_, block=10**6), revoked)).codes() == {"bid-signer"}


def test_a_hot_key_that_may_not_lock_so_much_is_named(scene, charlie):
    hot(scene, charlie, scene.bid.bond)
    scene.award()
    told = cleanly(scene)
    (log,) = (log for log in told.node.around if log.topics[0] == topic_of(AGENT_SET))
    poorer = replace(log, data=log.data[:-1] + bytes([log.data[-1] - 1]))
    assert told.lying(around=(poorer,)).codes() == {"bid-bond"}


def test_a_stranger_who_signed_the_bid_is_named(scene, charlie):
    scene.award()
    told = cleanly(scene)
    scene.signer = charlie
    files = resealed(told.files, **{"bid.json": scene.parts()["bid.json"]})
    assert {"bid-signer", "award-signature", "award-signer"} == told.holding(files).codes()


def test_a_delivery_by_a_hot_key_that_is_over_is_named(scene, charlie):
    hot(scene, charlie, scene.bid.bond, seconds=600)
    scene.award()
    scene.print()
    scene.call(charlie, "deliver", scene.bid.as_tuple(), acts.head_of(scene.provider_log[-1], scene.infill))
    assert "step-sender" in moved(cleanly(scene), DELIVERED, 601).codes()


def test_a_bid_of_the_providers_later_epoch(scene):
    scene.call(scene.bo, "bumpEpoch", scene.bid.token)
    scene.terms(epoch=1)
    scene.award()
    scene.call(scene.bo, "bumpEpoch", scene.bid.token)
    told = cleanly(scene)
    assert without_around(told, EPOCH_BUMPED).codes() == {"award-epoch"}


def test_a_bid_withdrawn_before_its_award_is_named(scene):
    scene.award()
    scene.call(scene.bo, "bumpEpoch", scene.bid.token)
    told = cleanly(scene)
    (bump,) = told.node.around
    assert told.lying(around=(replace(bump, block=0),)).codes() == {"award-epoch"}
