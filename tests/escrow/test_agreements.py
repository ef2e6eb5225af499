"""Agreements through the real stack: signed with the parties' own keys on a real Anvil, followed, projected."""

import pyrage
import pytest
from pyrage.x25519 import Identity

from contracts.views import Accounts
from marketplace.activity.models import Activity
from marketplace.chain.nodes import client
from marketplace.designs.models import Grant
from marketplace.escrow.models import Agreement
from marketplace.escrow.tasks import grant
from protocol.canonical import keccak, salted_digest
from protocol.statuses import BidStatus, JobStatus
from protocol.terms import REDEEM_WINDOW
from protocol.units import ZERO_ADDRESS, digest_of, hex_of
from tests.factories.deal import BOND, MODEL, UNIT_PRICE

PRICE = 2 * UNIT_PRICE
DAY = 86_400
HEAD = "0x" + "11" * 32


def status_of(deal, bid):
    deal.job.refresh_from_db()
    bid.refresh_from_db()
    return deal.job.status, bid.status


def news(bid):
    rows = Activity.objects.filter(subject=f"agreement:{bid.pk}").order_by("id")
    return [row.kind.removeprefix("agreement.") for row in rows]


def test_the_unsigned_award_is_what_the_chain_wants(deal, ada, bo):
    bid = deal.bid(bo)
    answer = deal.asks(ada, f"bids/{bid.pk}/award").json()
    assert answer["agreement"] == bid.pk
    assert answer["price"] == answer["transaction"]["value"] == str(PRICE)
    assert answer["expires_at"].endswith("Z")
    transaction = answer["transaction"]
    assert (transaction["from"], transaction["to"]) == (ada.address, deal.escrow)
    assert transaction["chain_id"] == deal.anvil.chain_id
    receipt = deal.anvil.send(ada, transaction)
    assert receipt["status"] == 1
    assert receipt["gasUsed"] <= transaction["gas"]


def test_an_award_is_seen_then_final_and_then_the_winner_gets_the_design(deal, ada, bo, charlie):
    lost, bid = deal.bid(charlie), deal.bid(bo)
    agreement = deal.award(bid)
    assert (agreement.status, agreement.final_status, agreement.settled) == ("AWARDED", "NONE", False)
    assert (agreement.job, agreement.bid, agreement.units) == (deal.job, bid, 2)
    assert (agreement.price, agreement.paid) == (str(PRICE), "0")
    assert status_of(deal, bid) == (JobStatus.AWARDED, BidStatus.AWARDED)
    lost.refresh_from_db()
    assert lost.status == BidStatus.OPEN

    deal.finalise()
    agreement.refresh_from_db()
    lost.refresh_from_db()
    assert (agreement.final_status, agreement.settled) == ("AWARDED", True)
    assert lost.status == BidStatus.LOST
    assert not Grant.objects.exists()

    deal.end_grace()
    (design,) = deal.reads(bo, f"agreements/{bid.pk}/designs").json()
    part = deal.job.frozen_spec.parts[0]
    assert (design["name"], design["copies"], design["bytes"]) == (part.name, 1, len(MODEL))
    me = Identity.generate()
    (delivered,) = deal.names(bo, bid.pk, str(me.to_public())).json()
    sealed = b"".join(deal.reads(bo, delivered["url"].partition("/api/v1/")[2]))
    assert (len(sealed), hex_of(keccak(sealed))) == (delivered["sealed_bytes"], delivered["sealed"])
    fetched = pyrage.decrypt(sealed, [me])
    assert fetched == MODEL
    assert salted_digest(digest_of(design["salt"]), fetched) == digest_of(design["model"]) == part.model
    assert news(bid) == ["awarded", "final", "granted"]
    grant()
    assert news(bid) == ["awarded", "final", "granted"]


def test_a_waived_grace_grants_as_soon_as_the_award_is_final(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    deal.finalise()
    assert deal.reads(bo, f"agreements/{bid.pk}").json()["grace_waived"] is False
    answer = deal.asks(ada, f"agreements/{bid.pk}/waive-grace")
    assert (answer.status_code, answer.json()["grant"], answer.json()["grace_waived"]) == (200, True, True)
    assert deal.asks(ada, f"agreements/{bid.pk}/waive-grace").status_code == 200
    assert len(deal.reads(bo, f"agreements/{bid.pk}/designs").json()) == 1
    assert news(bid) == ["awarded", "final", "grace_waived", "granted"]


def test_without_grace_a_final_award_grants_at_once(deal, bo):
    bid = deal.bid(bo, grace_time=0)
    deal.award(bid)
    deal.finalise()
    assert Agreement.objects.get().granted


def test_release_in_two_parts_pays_and_closes(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    before = deal.anvil.web3.eth.get_balance(bo.address)
    deal.takes(ada, f"agreements/{bid.pk}/release", {"cumulative": str(UNIT_PRICE)})
    agreement = Agreement.objects.get()
    assert (agreement.status, agreement.how, agreement.paid) == ("AWARDED", "OPEN", str(UNIT_PRICE))
    deal.takes(ada, f"agreements/{bid.pk}/release")
    agreement.refresh_from_db()
    assert (agreement.status, agreement.how, agreement.paid) == ("CLOSED", "RELEASED", str(PRICE))
    assert deal.anvil.web3.eth.get_balance(bo.address) - before == PRICE
    assert status_of(deal, bid)[0] == JobStatus.AWARDED
    deal.finalise()
    assert status_of(deal, bid)[0] == JobStatus.CLOSED
    assert news(bid) == ["awarded", "paid", "paid", "closed", "final", "final"]


def test_deliver_and_claim_after_the_review_time(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    deal.takes(bo, f"agreements/{bid.pk}/deliver", {"head": HEAD})
    agreement = Agreement.objects.get()
    assert (agreement.status, agreement.head, agreement.deliver_by) == ("DELIVERED", HEAD, None)
    early = deal.asks(bo, f"agreements/{bid.pk}/claim")
    assert (early.status_code, early.json()["code"]) == (409, "too-early")
    deal.anvil.advance(DAY + 60)
    deal.takes(bo, f"agreements/{bid.pk}/claim")
    deal.finalise()
    agreement.refresh_from_db()
    assert (agreement.status, agreement.how, agreement.final_status) == ("CLOSED", "CLAIMED", "CLOSED")
    assert status_of(deal, bid)[0] == JobStatus.CLOSED
    assert news(bid) == ["awarded", "delivered", "paid", "closed", "final", "final", "granted"]


def test_refund_after_a_missed_deadline_opens_the_job_again(deal, ada, bo, charlie):
    bid = deal.bid(bo)
    deal.award(bid)
    deal.end_grace()
    assert Grant.objects.get().revoked_at is None
    deal.anvil.advance(DAY + REDEEM_WINDOW + 60)
    before = deal.anvil.web3.eth.get_balance(ada.address)
    deal.takes(ada, f"agreements/{bid.pk}/refund")
    agreement = Agreement.objects.get()
    assert (agreement.status, agreement.how, agreement.granted) == ("CLOSED", "REFUNDED", False)
    assert status_of(deal, bid) == (JobStatus.OPEN, BidStatus.AWARDED)
    assert PRICE < deal.anvil.web3.eth.get_balance(ada.address) - before <= PRICE + BOND
    assert Grant.objects.get().revoked_at is not None
    refusal = deal.reads(bo, f"agreements/{bid.pk}/designs").json()
    assert refusal["detail"] == "The agreement is closed (REFUNDED)."
    deal.finalise()
    again = deal.bid(charlie)
    deal.award(again)
    assert status_of(deal, again) == (JobStatus.AWARDED, BidStatus.AWARDED)


def test_the_providers_counters_are_those_of_the_chain(deal, ada, bo):
    for close in ("release", "refund", "release"):
        deal.post_job()
        bid = deal.bid(bo)
        deal.award(bid)
        if close == "refund":
            deal.anvil.advance(DAY + REDEEM_WINDOW + 60)
        deal.takes(ada, f"agreements/{bid.pk}/{close}")
    provider = deal.printer(bo).provider
    provider.refresh_from_db()
    assert (provider.completed, provider.failed) != (2, 1)
    deal.finalise()
    provider.refresh_from_db()
    account = client().ask(Accounts(ZERO_ADDRESS, bo.address))
    assert (provider.completed, provider.failed) == (account.completed, account.failed) == (2, 1)


def test_units_may_be_awarded_apart(deal, ada, bo, charlie):
    first, second = deal.bid(bo), deal.bid(charlie)
    deal.award(first, units=1)
    assert status_of(deal, first) == (JobStatus.OPEN, BidStatus.AWARDED)
    deal.award(second)
    assert Agreement.objects.get(pk=second.pk).units == 1
    assert status_of(deal, second) == (JobStatus.AWARDED, BidStatus.AWARDED)
    for bid in (first, second):
        deal.takes(ada, f"agreements/{bid.pk}/release")
        assert status_of(deal, bid)[0] == JobStatus.AWARDED
    deal.finalise()
    assert status_of(deal, first)[0] == JobStatus.CLOSED


def test_an_award_of_a_bid_never_received_is_mirrored_all_the_same(deal, ada, bo):
    bid = deal.bid(bo)
    transaction = deal.asks(ada, f"bids/{bid.pk}/award").json()["transaction"]
    agreement = bid.pk
    bid.delete()
    assert deal.send(ada, transaction) == 1
    deal.follow()
    row = Agreement.objects.get()
    assert (row.pk, row.bid, row.job, row.provider) == (agreement, None, deal.job, bo.address)
    deal.job.refresh_from_db()
    assert deal.job.status == JobStatus.AWARDED
    answer = deal.reads(ada, f"agreements/{agreement}/bundle")
    assert (answer.status_code, answer.json()["code"]) == (409, "bundle-incomplete")


def test_both_parties_read_the_agreement_with_its_money_and_deadlines(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    deal.takes(ada, f"agreements/{bid.pk}/release", {"cumulative": str(UNIT_PRICE)})
    seen = deal.reads(ada, f"agreements/{bid.pk}").json()
    assert seen == deal.reads(bo, f"agreements/{bid.pk}").json()
    assert deal.reads(bo, "agreements?mine").json() == [seen]
    assert [log["name"] for log in seen["logs"]] == ["Awarded", "Paid"]
    assert [(move["what"], move["party"], move["amount"]) for move in seen["money"]] == [
        ("PRICE", ada.address, str(PRICE)),
        ("BOND", bo.address, str(BOND)),
        ("PAYMENT", bo.address, str(UNIT_PRICE)),
    ]
    assert seen["deadlines"]["deliver_by"].endswith("Z")
    assert seen["deadlines"]["review_until"] is None
    assert (seen["final"], seen["final_status"], seen["grant"]) == (False, "NONE", False)


def test_deposits_come_back_by_withdrawing(deal, bo, charlie):
    deal.deposit(bo, BOND)
    before = deal.anvil.web3.eth.get_balance(charlie.address)
    deal.takes(bo, "escrow/withdraw", {"amount": str(BOND), "to": charlie.address})
    assert deal.anvil.web3.eth.get_balance(charlie.address) - before == BOND


@pytest.mark.parametrize("scopes", [[], ["read"], ["evidence"], ["bids"]])
def test_a_token_without_the_scope_cannot_award(deal, ada, bo, scopes):
    from rest_framework.test import APIClient

    from tests.factories.market import bearer

    bid = deal.bid(bo)
    api = APIClient(HTTP_AUTHORIZATION=bearer(ada, *scopes))
    assert api.post(f"/api/v1/bids/{bid.pk}/award").status_code == 403
