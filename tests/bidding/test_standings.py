"""Who sees which bids, and in what order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.bidding.models import Bid
from marketplace.bidding.selectors import standings_of
from marketplace.providers.services import provider_record
from protocol.statuses import BidStatus, JobStatus
from tests.factories.market import ETHER, bearer, received, registered


@pytest.fixture
def show(client, job):
    def get(account, path="bids"):
        return client.get(f"/api/v1/jobs/{job.pk}/{path}", HTTP_AUTHORIZATION=bearer(account, "read"))

    return get


@pytest.fixture
def rivals(job, bo, charlie):
    """Bo's dearer bid, then Charlie's cheaper one."""
    dear = received(bo, job, registered(bo), unit_price=2 * ETHER // 100)
    return dear, received(charlie, job, registered(charlie), unit_price=ETHER // 100)


def test_somebody_without_a_printer_does_not_learn_of_a_job(show, rivals, dee):
    assert show(dee).status_code == 404


def test_a_provider_sees_no_rivals_but_knows_the_own_rank(show, rivals, bo):
    (own,) = show(bo).json()
    assert (own["id"], own["rank"], own["provider"]) == (rivals[0].pk, 2, bo.address)


def test_the_designer_sees_all_best_first_with_the_reasons_for_the_order(show, rivals, ada):
    first, second = show(ada).json()
    assert [first["id"], second["id"]] == [rivals[1].pk, rivals[0].pk]
    assert [first["rank"], second["rank"]] == [1, 2]
    assert first["price"] == str(2 * ETHER // 100)
    assert first["parts"]["price"] > second["parts"]["price"]
    assert first["score"] == pytest.approx(sum(first["parts"].values()), abs=1e-5)
    assert {"bid", "signature", "signer", "valid_until", "bond", "make_time", "review_time"} <= set(first)


def test_a_good_record_can_outweigh_a_small_difference_in_price(show, job, ada, bo, charlie):
    received(bo, job, registered(bo), unit_price=ETHER // 100)
    dearer = received(charlie, job, registered(charlie), unit_price=ETHER // 100 + ETHER // 2000)
    provider_record(address=charlie.address, completed=30, failed=0)
    assert show(ada).json()[0]["id"] == dearer.pk


def test_a_bid_past_its_time_is_shown_as_expired_and_unranked(show, rivals, ada):
    Bid.objects.filter(pk=rivals[1].pk).update(valid_until=timezone.now() - timedelta(seconds=1))
    first, last = show(ada).json()
    assert (first["id"], first["rank"]) == (rivals[0].pk, 1)
    assert (last["status"], last["rank"], last["score"]) == ("EXPIRED", None, None)


def test_once_awarded_the_ranking_stays_readable(job, rivals):
    Bid.objects.filter(pk=rivals[0].pk).update(status=BidStatus.AWARDED)
    Bid.objects.filter(pk=rivals[1].pk).update(status=BidStatus.LOST)
    job.status = JobStatus.AWARDED
    assert [one.rank for one in standings_of(job, timezone.now())] == [1, 2]


def test_in_a_reopened_job_only_what_can_still_be_awarded_is_ranked(job, rivals):
    Bid.objects.filter(pk=rivals[1].pk).update(status=BidStatus.LOST)
    standings = standings_of(job, timezone.now())
    assert [(one.bid.pk, one.rank) for one in standings] == [(rivals[0].pk, 1), (rivals[1].pk, None)]


def test_a_score_does_not_age(job, rivals):
    now, later = timezone.now(), timezone.now() + timedelta(minutes=50)
    assert [one.score for one in standings_of(job, now)] == [one.score for one in standings_of(job, later)]


@pytest.fixture
def decline(client, job):
    def post(account, **body):
        token = bearer(account, "bids")
        return client.post(f"/api/v1/jobs/{job.pk}/declines", body, HTTP_AUTHORIZATION=token)

    return post


def test_declining_takes_a_printer(decline, dee):
    assert decline(dee, reason="too busy").status_code == 404


def test_nobody_declines_for_anothers_printer(decline, job, bo, charlie):
    registered(bo)
    other = registered(charlie)
    assert decline(bo, reason="too busy", printer=other.digest).status_code == 403
    assert not job.declines.exists()


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "x" * 1001}, {"reason": "no", "printer": "MK4"}]
)
def test_a_decline_gives_a_short_reason(decline, job, bo, body):
    registered(bo)
    assert decline(bo, **body).status_code == 400
    assert not job.declines.exists()


def test_the_designer_alone_reads_why_providers_decline(decline, show, job, ada, bo):
    printer = registered(bo)
    assert decline(bo, reason="No black PLA before Monday.", printer=printer.digest).status_code == 201
    assert decline(bo, reason="No black PLA before Tuesday.", printer=printer.digest).status_code == 201
    assert show(bo, "declines").status_code == 404
    (said,) = show(ada, "declines").json()
    assert (said["reason"], said["provider"]) == ("No black PLA before Tuesday.", bo.address)
    job.refresh_from_db()
    assert job.declines_count == 1
