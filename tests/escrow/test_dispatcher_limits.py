"""Trying to award beyond what Ada signed: by the rules, by a marketplace that ignores them, by the key itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from marketplace.bidding.models import Bid
from marketplace.chain import sending
from marketplace.chain.models import Intent
from marketplace.chain.outbox import intent_want
from marketplace.chain.sender import sender_step
from marketplace.escrow import dispatching
from marketplace.escrow.dispatching import award_call, dispatch_want
from marketplace.escrow.mandate_rules import breaches, printers_root
from marketplace.escrow.models import Agreement, Dispatch, Mandate
from protocol.units import Address, Digest, address_of, digest_of, hex_of
from tests.escrow.mandates import DAY, office, operated, operator
from tests.factories.deal import BOND, GRACE, UNIT_PRICE

__all__ = ["office", "operated", "operator"]

OTHER = address_of("0x" + "0d" * 20)
# What each limit is set to so that the usual bid breaks it, and what the contract then says.
BEYOND = {
    "unitPrice": {"max_unit_price": UNIT_PRICE - 1},
    "bond": {"min_bond": BOND + 1},
    "makeTime": {"max_make_time": DAY - 1},
    "reviewTime": {"min_review_time": DAY + 1},
    "arbiterTime": {"min_arbiter_time": DAY + 1, "max_arbiter_time": 2 * DAY},
    "graceTime": {"max_grace_time": GRACE - 1},
    "fallbackBps": {"max_fallback_bps": 4_999},
}
UNHANDED = {
    "token": {"token": OTHER},
    "arbiter": {"arbiter": OTHER},
    "jobDigest": {"job_digest": Digest(b"x" * 32)},
}


def kept(office, **changes) -> Mandate:
    """A mandate as a marketplace would have it that took in anything."""
    limits = office.limits(**changes)
    row = Mandate.objects.get(pk=office.store().pk)
    Mandate.objects.filter(pk=row.pk).delete()
    row.pk, row.limits, row.signature = "0x" + "33" * 32, limits.to_json(), office.signed(limits)
    row.save(force_insert=True)
    return row


@pytest.mark.parametrize("term", BEYOND)
def test_no_bid_beyond_a_limit_is_awarded_by_us_or_by_the_contract(office, bo, term):
    bid = office.deal.bid(bo)
    row = office.store(**BEYOND[term])
    office.turn(2)
    assert (office.awarded(), office.intents()) == ([], [])
    assert office.read(row)["waiting_for"]["limits"][0]["term"] == term
    assert office.tries(row, bid) == "OutsideMandate"
    rules = breaches(row.terms, bid.terms, now=office.deal.anvil.now())
    assert [each.term for each in rules] == [term]


@pytest.mark.parametrize("term", UNHANDED)
def test_not_even_by_a_marketplace_that_took_the_mandate_in(office, bo, term):
    bid = office.deal.bid(bo)
    row = kept(office, **UNHANDED[term])
    office.turn(2)
    assert (office.awarded(), office.intents()) == ([], [])
    assert office.tries(row, bid) == "OutsideMandate"


def test_no_dispute_fee_beyond_the_limit(office, bo, eve, settings):
    settings.ARBITERS = [eve.address]
    arbiter = address_of(eve.address)
    bid = office.deal.bid(bo, arbiter=arbiter, dispute_fee=6)
    row = office.store(arbiter=arbiter, max_dispute_fee=5)
    office.turn()
    assert office.awarded() == []
    assert office.tries(row, bid) == "OutsideMandate"


def test_no_printer_that_is_not_listed(office, bo, charlie):
    bid, other = office.deal.bid(bo, unit_price=1), office.deal.bid(charlie)
    listed = [Digest(b"p" * 32), digest_of(other.printer_id), Digest(b"q" * 32)]
    more = {"printers": [hex_of(each) for each in listed]}
    row = office.store(printers=printers_root(listed), more=more)
    assert office.tries(row, bid) == "PrinterNotAccepted"
    office.turn()
    assert office.awarded() == [other.pk]


def test_no_more_units_than_the_mandate_has(office, bo, charlie):
    office.deal.post_job(quantity=5)
    first, second = office.deal.bid(bo), office.deal.bid(charlie)
    row = office.store(units=3, deposit=10 * UNIT_PRICE)
    office.turn(2)
    office.settle()
    office.turn(2)
    assert [each.units for each in Agreement.objects.all()] == [3]
    assert office.waits(row) == "mandate-used-up"
    rest = second if first.pk in office.awarded() else first
    assert office.tries(row, rest, units=1) == "MandateUsedUp"


def test_none_that_is_revoked_not_even_when_the_follower_is_behind(office, bo):
    bid = office.deal.bid(bo)
    row = office.store()
    office.deal.follow()
    data = office.deal.asks(office.deal.ada, "escrow/revoke-mandate", {"mandate": row.limits}).json()
    office.deal.send(office.deal.ada, data["transaction"])
    row.refresh_from_db()
    assert not row.revoked
    office.look(behind=True)
    assert (office.waits(row), office.intents()) == ("mandate-revoked", [])
    assert office.tries(row, bid) == "RevokedMandate"


def test_none_that_is_revoked_while_its_award_waits_for_a_nonce(office, bo):
    office.deal.bid(bo)
    row = office.store()
    office.look()
    office.revokes(row)
    sender_step()
    assert (office.intents(), office.statuses()) == (["FAILED"], ["FAILED"])
    assert "RevokedMandate" in Dispatch.objects.get().reason
    assert office.awarded() == []


def test_none_that_is_expired(office, bo):
    bid = office.deal.bid(bo)
    row = office.store(valid_until=office.deal.anvil.now() + 100)
    office.deal.anvil.advance(101)
    office.look()
    assert (office.waits(row), office.intents()) == ("mandate-expired", [])
    assert office.tries(row, bid) == "SignatureExpired"


def test_not_by_anybody_but_its_dispatcher(office, bo, charlie, operator):
    bid = office.deal.bid(bo)
    row = office.store()
    for stranger in (charlie, bo, office.deal.ada):
        assert office.tries(row, bid, sender=stranger) == "NotDispatcher"
    limits = office.limits(dispatcher=charlie.address)
    row.limits, row.signature = limits.to_json(), office.signed(limits)
    assert office.tries(row, bid, sender=operator) == "NotDispatcher"


def test_not_with_limits_that_were_widened_after_signing(office, bo):
    bid = office.deal.bid(bo, unit_price=UNIT_PRICE + 1)
    row = office.store()
    row.limits = replace(row.terms, max_unit_price=2 * UNIT_PRICE).to_json()
    row.save()
    office.turn()
    assert office.awarded() == []
    assert office.tries(row, bid) == "SignatureInvalid"


def test_a_stale_row_that_claims_units_awards_none(office, bo, charlie):
    """Whatever a row says, the chain's own word counts, and the contract's answer in the end."""
    office.deal.bid(bo)
    second = office.deal.bid(charlie, unit_price=2 * UNIT_PRICE)
    row = office.store(max_unit_price=3 * UNIT_PRICE, deposit=9 * UNIT_PRICE)
    office.turn()
    office.settle()
    Mandate.objects.update(used=0)
    Agreement.objects.all().delete()
    Bid.objects.filter(pk=second.pk).update(status="OPEN")
    office.deal.job.__class__.objects.update(status="OPEN")
    office.turn(2)
    assert office.waits(row) == "mandate-used-up"
    assert office.intents() == ["FINAL"]
    assert office.tries(row, second) == "MandateUsedUp"


def test_an_intent_slipped_into_the_outbox_awards_nothing_beyond(office, bo):
    """Who can write to the database can make the key spend gas, and nobody's money."""
    bid = office.deal.bid(bo, unit_price=UNIT_PRICE + 1)
    row = office.store(deposit=9 * UNIT_PRICE)
    with transaction.atomic():
        intent_want(key="dispatch:forged", to=Address(office.deal.escrow), data=award_call(row, bid, 2).data)
    sender_step()
    office.deal.follow()
    assert office.awarded() == []
    assert (office.intents(), "OutsideMandate" in Intent.objects.get().reason) == (["FAILED"], True)


# ------------------------------------------------------------------ at once, and crashed


def wanted(row: Mandate, bid: Bid) -> Dispatch | None:
    considered = list(Bid.objects.values_list("pk", flat=True))
    return dispatch_want(mandate=row, bid=bid, units=2, considered=considered, now=row.stored_at)


def test_a_second_worker_wants_no_second_award(office, bo, charlie):
    bids = [office.deal.bid(bo), office.deal.bid(charlie)]
    rows = [office.store(deposit=9 * UNIT_PRICE), office.store(deposit=0)]
    assert wanted(rows[0], bids[0])
    assert wanted(rows[1], bids[1]) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispatch.objects.create(
            mandate=rows[1], job=bids[1].job, bid=bids[1], units=2, wanted_at=rows[1].stored_at,
            intent=intent_want(key="dispatch:other", to=Address(office.deal.escrow), data=b""),
        )  # fmt: skip
    assert office.intents() == ["WANTED"]


def test_a_bid_that_came_meanwhile_is_looked_at_first(office, bo, charlie):
    bid = office.deal.bid(bo)
    row = office.store()
    considered = [bid.pk]
    office.deal.bid(charlie, unit_price=1)
    asked = {"mandate": row, "bid": bid, "units": 2, "now": row.stored_at}
    assert dispatch_want(considered=considered, **asked) is None
    assert not Dispatch.objects.exists()


@pytest.mark.parametrize("change", [{"status": "WITHDRAWN"}, {"quantity": 1}], ids=str)
def test_what_changed_under_the_lock_is_not_awarded(office, bo, change):
    bid = office.deal.bid(bo)
    row = office.store()
    office.deal.job.__class__.objects.update(**change)
    assert wanted(row, bid) is None


@pytest.mark.parametrize("change", [{"revoked": True}, {"ended": True}], ids=str)
def test_a_mandate_that_ended_under_the_lock_is_not_used(office, bo, change):
    bid = office.deal.bid(bo)
    row = office.store()
    Mandate.objects.update(**change)
    assert wanted(row, bid) is None
    assert office.intents() == []


def test_a_worker_that_dies_as_it_wants_an_award_leaves_nothing_half_done(office, bo, monkeypatch):
    office.deal.bid(bo)
    row = office.store()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dispatching, "_announce", dies)
        with pytest.raises(KeyboardInterrupt):
            office.look()
    assert (office.intents(), office.statuses()) == ([], [])
    office.turn()
    assert len(office.awarded()) == 1
    assert office.read(row)["used"] == 2


def test_a_sender_that_dies_between_intent_and_transaction_awards_once(office, bo, monkeypatch):
    office.deal.bid(bo)
    row = office.store()
    office.look()

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for place in ("sign", "intent_sign", "attempt_note"):
        with monkeypatch.context() as patch:
            patch.setattr(sending, place, dies)
            with pytest.raises(KeyboardInterrupt):
                sender_step()
    office.turn(2)
    office.settle()
    assert (len(office.awarded()), office.intents(), office.word(row).used) == (1, ["FINAL"], 2)


def test_two_mandates_for_one_job_award_its_units_once(office, bo, charlie):
    for account in (bo, charlie):
        office.deal.bid(account)
    for _ in range(2):
        office.store(deposit=4 * UNIT_PRICE)
    office.turn(3)
    office.settle()
    office.turn(3)
    assert [each.units for each in Agreement.objects.all()] == [2]
