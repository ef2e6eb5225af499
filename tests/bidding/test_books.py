"""A job's book holds every bid received so far; whoever was left out can show it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.activity.models import Activity
from marketplace.bidding.book_selectors import leaves_of
from marketplace.bidding.books import book_close
from marketplace.bidding.models import Book
from marketplace.bidding.selectors import market
from marketplace.bidding.tasks import close_books
from marketplace.jobs.models import Job
from protocol.books import Book as SignedBook
from protocol.books import Receipt as SignedReceipt
from protocol.merkle import BookLeaf, proof_check
from protocol.receipts import book_check
from protocol.signatures import recover
from protocol.statuses import JobStatus
from protocol.units import bytes_of, digest_of, hex_of
from tests.factories.market import INFILL, bearer, opened, received, registered, signed


@pytest.fixture
def rivals(operated, job, bo, charlie):
    return received(bo, job, registered(bo)), received(charlie, job, registered(charlie))


@pytest.fixture
def ask(client):
    def send(account, path, body=None):
        method = client.get if body is None else client.post
        return method(f"/api/v1/{path}", body, HTTP_AUTHORIZATION=bearer(account, "read", "bids"))

    return send


def closed(job):
    return book_close(job=job.pk, market=market(), now=timezone.now())


def test_without_a_key_or_a_bid_there_is_no_book(place, ada, bo, settings, operator):
    job = opened(ada)
    received(bo, job, registered(bo))
    assert closed(job) is None
    settings.OPERATOR_KEY = operator.key.hex()
    assert closed(opened(ada)) is None


def test_somebody_without_a_printer_does_not_see_a_book(ask, job, rivals, dee):
    closed(job)
    for path in ("books", "books/1"):
        assert ask(dee, f"jobs/{job.pk}/{path}").status_code == 404
    assert ask(dee, f"jobs/{job.pk}/books/1/check", {}).status_code == 400
    assert ask(dee, f"jobs/{job.pk}/books/1/check", _carried(rivals[0])).status_code == 404


def test_a_book_that_is_not_there_is_not_found(ask, job, rivals, ada):
    for number in (0, 1, 2**70):
        assert ask(ada, f"jobs/{job.pk}/books/{number}").status_code == 404


def test_a_book_counts_every_bid_and_is_signed(ask, job, rivals, operated, ada, bo):
    closed(job)
    for party in (ada, bo):
        found = ask(party, f"jobs/{job.pk}/books/1").json()
        book = SignedBook.from_json(found["book"])
        assert (book.job, book.number, book.count) == (digest_of(job.job_digest), 1, 2)
        book_check(book, [digest_of(leaf) for leaf in found["leaves"]])
        assert recover(book.digest(INFILL), bytes_of(found["signature"])) == operated.address
        assert found["operator"] == operated.address
    told = Activity.objects.get(kind="book.closed")
    assert (told.subject, told.data["count"]) == (job.subject, 2)


def test_closing_again_is_the_same_book_until_another_bid_comes(job, rivals, bo):
    first = closed(job)
    assert closed(job) == first
    received(bo, job, rivals[0].printer)
    second = closed(job)
    assert [(book.number, book.count) for book in (first, second)] == [(1, 2), (2, 3)]
    assert leaves_of(second, INFILL)[:2] == leaves_of(first, INFILL)


def test_the_designers_own_view_of_the_list_and_a_bidders_are_the_same(ask, job, rivals, ada, charlie):
    closed(job)
    assert ask(ada, f"jobs/{job.pk}/books").json() == ask(charlie, f"jobs/{job.pk}/books").json()


def test_a_bidder_proves_that_the_book_holds_its_bid(ask, job, rivals, bo):
    url = f"bids/{rivals[0].pk}/book"
    assert ask(bo, url).json()["book"] is None, "no book is closed yet"
    closed(job)
    found = ask(bo, url).json()
    leaf = BookLeaf.from_json(found["leaf"])
    root = SignedBook.from_json(found["book"]["book"]).root
    proof_check(leaf, [digest_of(node) for node in found["proof"]], root)
    receipt = SignedReceipt.from_json(found["receipt"]["receipt"])
    assert leaf == BookLeaf.of(receipt, bytes_of(found["receipt"]["signature"]), INFILL)


def _carried(bid):
    return {"receipt": bid.receipt.signed.to_json(), "signature": bid.receipt.signature}


def test_a_forged_receipt_shows_nothing(ask, job, rivals, charlie):
    closed(job)
    receipt = rivals[1].receipt.signed
    body = {"receipt": receipt.to_json(), "signature": signed(charlie, receipt, INFILL)}
    answer = ask(charlie, f"jobs/{job.pk}/books/1/check", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "signature-invalid")


def test_the_check_says_in_words_what_a_receipt_shows(ask, job, rivals, bo, charlie):
    closed(job)
    late = received(bo, job, rivals[0].printer)
    url = f"jobs/{job.pk}/books/1/check"
    held, after = ask(charlie, url, _carried(rivals[1])).json(), ask(bo, url, _carried(late)).json()
    assert held["shown"] == "INCLUDED"
    assert "holds this bid" in held["says"]
    assert after["shown"] == "LATER"
    assert "next book" in after["says"]


def test_a_loser_whose_bid_was_left_out_can_show_it(ask, job, rivals, operated, charlie):
    """What an operator would do: sign a receipt, and then a book of one bid fewer, later."""
    carried = _carried(rivals[1])
    kept = rivals[0].receipt.leaf(INFILL).digest()
    book = SignedBook(digest_of(job.job_digest), 1, rivals[1].receipt.signed.received_at + 1, 1, kept)
    Book.objects.create(
        job=job, number=1, closed_at=timezone.now() + timedelta(seconds=2), count=1, root=hex_of(kept),
        signature=signed(operated, book, INFILL), digest=hex_of(book.digest(INFILL)),
    )  # fmt: skip
    answer = ask(charlie, f"jobs/{job.pk}/books/1/check", carried).json()
    assert answer["shown"] == "OMITTED"
    assert "refutes the book" in answer["says"]


def test_the_sweep_closes_the_books_of_jobs_that_take_no_more_bids(job, rivals):
    assert close_books() == 0, "bidding is open"
    Job.objects.update(bids_close_at=timezone.now() - timedelta(seconds=1))
    assert close_books() == 1
    assert Book.objects.get().count == 2
    assert close_books() == 0


@pytest.mark.parametrize("status", [JobStatus.AWARDED, JobStatus.WITHDRAWN])
def test_the_sweep_closes_the_book_of_a_job_that_is_not_open(job, rivals, status):
    Job.objects.update(status=status)
    assert close_books() == 1


def test_a_book_closes_not_before_its_receipts(job, rivals):
    ahead = timezone.now() + timedelta(seconds=90)
    job.receipts.filter(seq=1).update(received_at=ahead)
    assert closed(job).signed.closed_at == int(ahead.timestamp())
