"""Two requests at once, each on a connection of its own."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from marketplace.activity.selectors import activity_of
from marketplace.bidding import services
from marketplace.bidding.books import book_close
from marketplace.bidding.models import Bid
from marketplace.bidding.selectors import market
from marketplace.bidding.services import bid_award, bids_lose, decline_record
from tests.factories.market import bearer, bid_body, bid_on, opened, received, registered
from tests.parallel import at_once, meeting_after

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def poster(bo, monkeypatch):
    """Posts bodies to a job as Bo, all at once: none is looked up before all have their signer checked."""

    def post(job, *bodies):
        monkeypatch.setattr(services, "signer_check", meeting_after(services.signer_check, len(bodies)))
        token = bearer(bo, "bids")
        path = f"/api/v1/jobs/{job.pk}/bids"
        return at_once(
            *[lambda body=body: APIClient().post(path, body, HTTP_AUTHORIZATION=token) for body in bodies]
        )

    return post


@pytest.mark.parametrize("attempt", range(5))
def test_of_equal_bids_posted_at_once_one_is_new_and_all_get_the_same_answer(poster, ada, bo, attempt):
    job, printer = opened(ada), registered(bo)
    body = bid_body(bo, bid_on(job, printer))
    answers = poster(job, *[body] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Bid.objects.count() == 1
    job.refresh_from_db()
    assert job.bids_count == 1
    assert activity_of(job.subject).filter(kind="bid.received").count() == 1


def test_different_bids_posted_at_once_are_all_kept_and_counted(poster, ada, bo):
    job, printer = opened(ada), registered(bo)
    answers = poster(job, *[bid_body(bo, bid_on(job, printer)) for _ in range(4)])
    assert [answer.status_code for answer in answers] == [201] * 4
    assert sorted(answer.json()["rank"] for answer in answers)[-1] == 4
    job.refresh_from_db()
    assert (Bid.objects.count(), job.bids_count) == (4, 4)


def test_bids_posted_at_once_are_numbered_without_gap_and_the_book_holds_them_all(poster, operated, ada, bo):
    job, printer = opened(ada), registered(bo)
    answers = poster(job, *[bid_body(bo, bid_on(job, printer)) for _ in range(4)])
    assert sorted(int(answer.json()["receipt"]["receipt"]["seq"]) for answer in answers) == [0, 1, 2, 3]
    books = at_once(*[lambda: book_close(job=job.pk, market=market(), now=timezone.now())] * 3)
    assert {(book.number, book.count) for book in books} == {(1, 4)}


def test_declines_made_at_once_are_all_counted(ada, bo, charlie):
    job, providers = opened(ada), [registered(account).provider_id for account in (bo, charlie)]
    said = {"job": job, "reason": "too small", "printer": ""}
    at_once(*[lambda provider=provider: decline_record(provider=provider, **said) for provider in providers])
    job.refresh_from_db()
    assert job.declines_count == 2


def test_a_bid_awarded_while_the_others_are_lost_is_awarded(ada, bo):
    """Whoever comes first: the chain outranks what was written here."""
    job, printer = opened(ada), registered(bo)
    won, other = received(bo, job, printer), received(bo, job, printer)
    at_once(lambda: bid_award(agreement=won.pk), lambda: bids_lose(job=job.pk))
    statuses = dict(Bid.objects.values_list("pk", "status"))
    assert statuses == {won.pk: "AWARDED", other.pk: "LOST"}
