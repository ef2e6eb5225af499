"""Awards under a mandate: clean where the dispatcher kept its limits, each limit named where a node lies."""

from dataclasses import fields, replace

import pytest
from eth_abi import encode

from auditor.calls import FUNCTIONS, TYPES
from auditor.logs import MANDATE_REVOKED, MANDATE_USED, topic_of
from protocol.mandate import Mandate
from protocol.merkle import MerkleTree, PrinterLeaf
from protocol.units import ZERO_DIGEST
from tests.auditor.conftest import Told, cleanly
from tests.auditor.lies import OTHER, resent, rewritten, without
from tests.factories import acts
from tests.factories.bundle import Scene

AWARD = 1
"""The place of Awarded among the logs, after MandateUsed."""


@pytest.fixture
def scene(scene: Scene, charlie) -> Scene:
    """Charlie dispatches for Ada."""
    scene.anvil.fund(charlie)
    scene.terms(dispute_fee=9)
    return scene


def recalled(told: Told, scene: Scene, limits: Mandate, proof: tuple[bytes, ...] = ()) -> Told:
    """A node that says Ada signed other limits than those that were used."""
    arguments = [
        *scene.offer,
        scene.units,
        ZERO_DIGEST,
        limits.as_tuple(),
        scene.signed(scene.ada, limits),
        proof,
    ]
    types = [TYPES[name] for name in FUNCTIONS["awardUnder"].split()]
    start = told.node.transactions[told.node.logs[AWARD].transaction].input[:4]
    return resent(told, AWARD, input=start + encode(types, arguments))


def test_awarded_and_paid(scene, charlie):
    acts.award_under(scene, charlie, acts.mandate(scene, charlie))
    scene.print()
    scene.deliver()
    scene.release()
    told = cleanly(scene)
    assert told.ways()["price"] == "free balance"
    assert told.node.word.flags == 1
    assert any(told.node.mandate)
    assert "award-sender" in resent(told, AWARD, sender=scene.ada.address).codes()


def test_a_dispute_fee_goes_back_to_the_ledger(scene, charlie):
    acts.award_under(scene, charlie, acts.mandate(scene, charlie))
    scene.print()
    scene.deliver()
    acts.dispute(scene)
    scene.release()
    told = cleanly(scene)
    assert (told.ways()["dispute fee"], told.ways()["dispute fee back"]) == ("value sent", "free balance")


@pytest.mark.parametrize("part", [0, 5])
@pytest.mark.parametrize("ending", ["cancel", "refund"])
def test_units_and_money_go_back_where_they_came_from(scene, charlie, part, ending):
    acts.award_under(scene, charlie, acts.mandate(scene, charlie))
    if part:
        scene.release(part)
    if ending == "cancel":
        acts.cancel(scene, scene.bo)
    else:
        acts.give_up(scene)
        acts.refund(scene, charlie)
    told = cleanly(scene)
    assert told.ways()["refund"] == "free balance"
    uses = [log for log in told.node.logs if log.topics[0] == topic_of(MANDATE_USED)]
    assert len(uses) == (1 if part and ending == "refund" else 2)
    if len(uses) == 2:
        assert "mandate-return" in without(told, MANDATE_USED, last=True).codes()
        assert "mandate-used" in rewritten(told, MANDATE_USED, v0=1).codes()


def test_a_second_award_counts_on_from_the_first(scene, charlie):
    limits = acts.mandate(scene, charlie)
    acts.award_under(scene, charlie, limits)
    scene.terms(salt=2)
    acts.award_under(scene, charlie, limits)
    told = cleanly(scene)
    assert "mandate-used" in told.lying(around=told.node.around[1:]).codes()
    assert "mandate-used" in rewritten(told, MANDATE_USED, v0=2).codes()


def test_a_mandate_that_is_withheld_or_another_in_storage_is_named(scene, charlie):
    acts.award_under(scene, charlie, acts.mandate(scene, charlie))
    told = cleanly(scene)
    assert {"mandate-unused", "word-flags", "word-mandate"} <= without(told, MANDATE_USED).codes()
    assert told.lying(mandate=ZERO_DIGEST).codes() == {"word-mandate"}


LIMITS = {
    "max_unit_price": -1,
    "min_bond": 1,
    "max_dispute_fee": -1,
    "max_make_time": -1,
    "min_review_time": 1,
    "min_arbiter_time": 1,
    "max_arbiter_time": -1,
    "max_grace_time": -1,
    "max_fallback_bps": -1,
}
FIXED = ("designer", "token", "arbiter", "job_digest")
BESIDE = {"dispatcher", "printers", "units", "valid_until", "salt"}


def test_every_limit_that_is_overstepped_is_named(scene, charlie):
    """The limits that were signed, each made one too narrow by a node that lies about the transaction."""
    limits = acts.mandate(scene, charlie)
    acts.award_under(scene, charlie, limits)
    told = cleanly(scene)
    assert {field.name for field in fields(limits)} == {*LIMITS, *FIXED, *BESIDE}
    for name, step in LIMITS.items():
        narrow = replace(limits, **{name: getattr(limits, name) + step})
        found = recalled(told, scene, narrow).audit().findings
        assert {"mandate-digest", "mandate-limit"} == {finding.code for finding in found}, name
        assert any(finding.place.endswith(name) for finding in found)
    for name in FIXED:
        other = replace(limits, **{name: type(getattr(limits, name))(_other(getattr(limits, name)))})
        assert "mandate-limit" in recalled(told, scene, other).codes(), name


def _other(value):
    return "0x" + "77" * 20 if isinstance(value, str) else b"\x77" * 32


def test_more_units_than_the_mandate_has_or_after_its_end_is_named(scene, charlie):
    limits = acts.mandate(scene, charlie, units=2)
    acts.award_under(scene, charlie, limits)
    told = cleanly(scene)
    assert "mandate-units" in recalled(told, scene, replace(limits, units=1)).codes()
    assert (
        "mandate-late"
        in recalled(told, scene, replace(limits, valid_until=told.node.logs[AWARD].time - 1)).codes()
    )


def test_a_mandate_that_somebody_else_signed_is_named(scene, charlie):
    limits = acts.mandate(scene, charlie)
    acts.award_under(scene, charlie, limits)
    told = cleanly(scene)
    scene.ada, ada = scene.eve, scene.ada
    forged = recalled(told, scene, limits)
    scene.ada = ada
    assert forged.codes() == {"mandate-signature"}


def test_a_mandate_revoked_later_was_alive(scene, charlie):
    limits = acts.mandate(scene, charlie)
    acts.award_under(scene, charlie, limits)
    scene.call(scene.ada, "revokeMandate", limits.as_tuple())
    told = cleanly(scene)
    used, revoked = told.node.around
    assert revoked.topics[0] == topic_of(MANDATE_REVOKED)
    lied = told.lying(around=(used, replace(revoked, block=0)))
    assert lied.codes() == {"mandate-revoked"}
    assert resent(lied, AWARD, to=OTHER).codes() == {"mandate-revoked"}


def test_only_accepted_printers(scene, charlie):
    others = [PrinterLeaf(bytes([n]) * 32).digest() for n in range(1, 6)]
    tree = MerkleTree([*others, PrinterLeaf(scene.bid.printer).digest()])
    limits = acts.mandate(scene, charlie, printers=tree.root)
    acts.award_under(scene, charlie, limits, tree.proof(5))
    told = cleanly(scene)
    assert recalled(told, scene, limits, tree.proof(4)).codes() == {"mandate-printer"}
