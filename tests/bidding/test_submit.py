"""A bid is taken only as its provider signed it, for this job, this designer, this chain, and a fit printer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.activity.models import Activity
from marketplace.bidding import services
from marketplace.bidding.models import Bid
from protocol.capability import Capability, Material
from protocol.statuses import BidStatus, JobStatus
from protocol.terms import agreement_id
from protocol.typed import escrow_domain
from protocol.units import address_of, hex_of, seconds_of
from tests.factories.market import (
    ESCROW,
    ETHER,
    PRINT_ESCROW,
    bearer,
    bid_body,
    bid_on,
    opened,
    received,
    registered,
    signed,
)


def refused(answer, status, code):
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert not Bid.objects.filter(status=BidStatus.OPEN).exists()
    assert not Activity.objects.filter(kind="bid.received").exists()
    return answer.json()


def test_a_stranger_is_not_let_in(client, job):
    assert client.post(f"/api/v1/jobs/{job.pk}/bids", {}).status_code == 401
    assert client.get(f"/api/v1/jobs/{job.pk}/bids").status_code == 401


def test_a_token_without_the_bids_scope_does_not_bid(post, job, printer, bo):
    assert post(job, bid_body(bo, bid_on(job, printer)), bo, "read", "jobs").status_code == 403


def test_an_unknown_job_takes_no_bids(client, job, printer, bo):
    url = "/api/v1/jobs/00000000-0000-4000-8000-000000000000/bids"
    answer = client.post(url, bid_body(bo, bid_on(job, printer)), HTTP_AUTHORIZATION=bearer(bo, "bids"))
    assert answer.status_code == 404


def test_a_job_that_never_opened_is_not_found(post, ada, job, printer, bo):
    hidden = opened(ada, status=JobStatus.MEASURING)
    assert post(hidden, bid_body(bo, bid_on(hidden, printer))).status_code == 404


def test_another_keys_signature_is_refused(post, job, printer, bo, charlie):
    bid = bid_on(job, printer)
    body = bid_body(bo, bid) | {"signature": signed(charlie, bid)}
    refused(post(job, body), 422, "bid-wrong-signer")


def test_a_bid_sent_by_somebody_else_is_refused(post, job, printer, bo, charlie):
    refused(post(job, bid_body(bo, bid_on(job, printer)), charlie), 422, "bid-wrong-signer")


def test_a_signer_other_than_the_provider_is_refused(post, job, printer, bo, charlie):
    body = bid_body(bo, bid_on(job, printer)) | {"signer": charlie.address}
    refused(post(job, body), 422, "bid-wrong-signer")


@pytest.mark.parametrize(
    ("member", "value"), [("unitPrice", "1"), ("makeTime", 5), ("salt", "7"), ("toLedger", True)]
)
def test_a_bid_altered_after_signing_is_refused(post, job, printer, bo, member, value):
    body = bid_body(bo, bid_on(job, printer))
    body["bid"][member] = value
    refused(post(job, body), 422, "bid-wrong-signer")


@pytest.mark.parametrize("valid_until", [2**40 - 1, 253_402_300_800])
def test_a_bid_valid_beyond_every_calendar_is_refused(post, job, printer, bo, valid_until):
    body = bid_body(bo, bid_on(job, printer, valid_until=valid_until))
    assert "validUntil" in refused(post(job, body), 422, "bid-terms")["detail"]


def test_a_bid_signed_for_another_chain_is_refused_by_that_name(post, job, printer, bo):
    body = bid_body(bo, bid_on(job, printer), escrow_domain(1, ESCROW))
    assert "chain 1," in refused(post(job, body), 422, "bid-foreign-chain")["detail"]


def test_a_bid_signed_for_another_contract_is_refused(post, job, printer, bo):
    other = escrow_domain(31337, address_of("0x" + "77" * 20))
    refused(post(job, bid_body(bo, bid_on(job, printer), other)), 422, "bid-wrong-signer")


def test_an_expired_bid_is_refused(post, job, printer, bo):
    past = seconds_of(timezone.now()) - 1
    refused(post(job, bid_body(bo, bid_on(job, printer, valid_until=past))), 422, "bid-expired")


def test_a_bid_for_another_designer_is_refused(post, job, printer, bo, charlie):
    bid = bid_on(job, printer, designer=charlie.address)
    refused(post(job, bid_body(bo, bid)), 422, "bid-other-designer")


def test_a_bid_on_another_spec_is_refused(post, ada, job, printer, bo):
    bid = bid_on(opened(ada), printer)
    refused(post(job, bid_body(bo, bid)), 422, "bid-wrong-job")


@pytest.mark.parametrize(
    "terms",
    [
        {"min_units": 3},
        {"max_units": 1},
        {"unit_price": 0},
        {"unit_price": 2**96 - 1},
        {"make_time": 0},
        {"review_time": 401 * 86_400},
        {"grace_time": 86_400},
        {"fallback_bps": 10_001},
        {"fee_bps": 100},
        {"dispute_fee": 1},
    ],
)
def test_insane_terms_are_refused(post, job, printer, bo, terms):
    refused(post(job, bid_body(bo, bid_on(job, printer, **terms))), 422, "bid-terms")


def test_another_coin_arbiter_or_fee_than_the_marketplaces_is_refused(post, job, printer, bo, eve, charlie):
    for terms in (
        {"token": charlie.address},
        {"arbiter": eve.address},
        {"fee_to": charlie.address},
        {"fee_to": charlie.address, "fee_bps": 10},
    ):
        problem = refused(post(job, bid_body(bo, bid_on(job, printer, **terms))), 422, "bid-terms")
        assert problem["fields"]["bid"]


def test_where_arbiters_and_a_fee_are_set_a_bid_names_them(post, job, printer, bo, eve, dee, settings):
    settings.ARBITERS, settings.FEE_BPS, settings.FEE_TO = [eve.address], 250, dee.address
    refused(post(job, bid_body(bo, bid_on(job, printer))), 422, "bid-terms")
    terms = {"arbiter": eve.address, "fee_bps": 250, "fee_to": dee.address}
    assert post(job, bid_body(bo, bid_on(job, printer, **terms))).status_code == 201


def test_a_bid_with_an_unknown_printer_is_refused(post, job, printer, bo):
    bid = bid_on(job, printer, printer=bytes(31) + b"\x01")
    refused(post(job, bid_body(bo, bid)), 422, "bid-unknown-printer")


def test_a_bid_with_another_providers_printer_is_refused(post, job, printer, charlie):
    bid = bid_on(job, printer, provider=charlie.address)
    refused(post(job, bid_body(charlie, bid), charlie), 422, "bid-unknown-printer")


def test_a_bid_with_a_superseded_profile_is_refused(post, job, printer, bo):
    registered(bo, seq=2)
    problem = refused(post(job, bid_body(bo, bid_on(job, printer))), 422, "bid-unknown-printer")
    assert "newer profile" in problem["detail"]


def test_a_printer_that_cannot_make_it_is_refused_with_reasons(post, job, bo):
    small = Capability("FDM", (50_000,) * 3, (Material("PETG", ("red",)),), 400, 100, 300)
    bid = bid_on(job, registered(bo, small))
    problem = refused(post(job, bid_body(bo, bid)), 422, "bid-printer-unfit")
    size, material = problem["fields"]["bid.printer"]
    assert "70 x 40 x 35 mm" in size
    assert "PETG" in material


@pytest.mark.parametrize(
    "status", [JobStatus.AWARDED, JobStatus.WITHDRAWN, JobStatus.EXPIRED, JobStatus.CLOSED]
)
def test_a_job_that_is_not_open_takes_no_bids(post, ada, printer, bo, status):
    job = opened(ada, status=status)
    refused(post(job, bid_body(bo, bid_on(job, printer))), 409, "bid-job-closed")


def test_bidding_can_close_before_the_job_does(post, job, printer, bo):
    job.bids_close_at = timezone.now() - timedelta(seconds=1)
    job.save(update_fields=["bids_close_at"])
    refused(post(job, bid_body(bo, bid_on(job, printer))), 409, "bid-job-closed")


@pytest.mark.parametrize(
    "status", [BidStatus.AWARDED, BidStatus.LOST, BidStatus.EXPIRED, BidStatus.WITHDRAWN]
)
def test_a_bid_whose_id_is_used_up_is_refused(post, job, printer, bo, status):
    body = bid_body(bo, bid_on(job, printer))
    assert post(job, body).status_code == 201
    Bid.objects.update(status=status)
    answer = post(job, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "bid-replayed")
    assert Bid.objects.get().status == status


def test_too_many_open_bids_on_one_job_are_refused(post, job, printer, bo, monkeypatch):
    monkeypatch.setattr(services, "BIDS_PER_JOB", 2)
    for expected in (201, 201, 429):
        answer = post(job, bid_body(bo, bid_on(job, printer)))
        assert answer.status_code == expected
    assert answer.json()["code"] == "bid-over-rate"


def test_too_many_bids_within_the_hour_are_refused(post, ada, printer, bo, monkeypatch):
    monkeypatch.setattr(services, "BIDS_PER_HOUR", 1)
    first, second = opened(ada), opened(ada)
    assert post(first, bid_body(bo, bid_on(first, printer))).status_code == 201
    assert post(second, bid_body(bo, bid_on(second, printer))).json()["code"] == "bid-over-rate"
    Bid.objects.update(received_at=timezone.now() - timedelta(minutes=61))
    assert post(second, bid_body(bo, bid_on(second, printer))).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        {"bid": {}},
        {"bid": "terms"},
        {"bid": None},
        {"signature": "0x00"},
        {"signature": "rubbish"},
        {"signature": "0x" + "ff" * 65},
        {"signer": "0x12"},
    ],
)
def test_nonsense_is_refused_and_named(post, job, printer, bo, change):
    answer = post(job, bid_body(bo, bid_on(job, printer)) | change)
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]
    assert not Bid.objects.exists()


def test_an_unknown_member_of_the_terms_is_named(post, job, printer, bo):
    body = bid_body(bo, bid_on(job, printer))
    body["bid"]["tip"] = 1
    assert "tip" in refused(post(job, body), 422, "malformed")["detail"]


def test_a_good_bid_is_kept_as_signed_under_its_agreement_id(post, job, printer, bo):
    bid = bid_on(job, printer, unit_price=2**96 // 4, bond=2**70 + 1)
    answer = post(job, bid_body(bo, bid))
    assert answer.status_code == 201
    told = {"id": hex_of(agreement_id(bid, PRINT_ESCROW)), "status": "OPEN", "rank": 1, "receipt": None}
    assert answer.json() == told
    kept = Bid.objects.get()
    assert kept.terms == bid
    assert int(kept.bond) == 2**70 + 1
    assert kept.printer == printer
    job.refresh_from_db()
    assert job.bids_count == 1
    activity = Activity.objects.get(kind="bid.received")
    assert (activity.subject, activity.actor, activity.data["bid"]) == (f"job:{job.pk}", bo.address, kept.pk)


def test_the_same_bid_twice_is_one_bid(post, job, printer, bo):
    body = bid_body(bo, bid_on(job, printer))
    first, again = post(job, body), post(job, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Activity.objects.filter(kind="bid.received").count() == 1


def test_a_bid_over_budget_is_kept_and_told_to_its_designer_alone(client, post, ada, job, printer, bo):
    post(job, bid_body(bo, bid_on(job, printer, unit_price=ETHER)))
    url = f"/api/v1/jobs/{job.pk}/bids"
    (designers,) = client.get(url, HTTP_AUTHORIZATION=bearer(ada, "read")).json()
    (providers,) = client.get(url, HTTP_AUTHORIZATION=bearer(bo, "read")).json()
    assert designers["over_budget"] is True
    assert "over_budget" not in providers


def test_a_bid_received_for_one_job_is_not_taken_as_anothers(post, ada, job, printer, bo):
    kept = received(bo, job, printer)
    body = {"bid": kept.bid, "signature": kept.signature, "signer": kept.signer}
    assert post(opened(ada), body).json()["code"] == "bid-wrong-job"
