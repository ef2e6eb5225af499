"""Each valid bid is answered with a signed receipt: numbered without gaps, the same again on repeat, its owner's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.bidding import books
from marketplace.bidding.models import Bid, Receipt
from protocol.books import Receipt as SignedReceipt
from protocol.receipts import receipt_check
from protocol.units import bytes_of, digest_of
from tests.factories.market import INFILL, bearer, bid_body, bid_on, opened, received, registered


@pytest.fixture
def get(client):
    def read(account, path):
        return client.get(f"/api/v1/{path}", HTTP_AUTHORIZATION=bearer(account, "read"))

    return read


def test_a_refused_bid_has_no_receipt(operated, post, job, printer, bo):
    assert post(job, bid_body(bo, bid_on(job, printer, unit_price=0))).status_code == 422
    assert not Receipt.objects.exists()


def test_without_a_key_a_bid_is_taken_and_the_api_says_that_there_is_no_receipt(post, get, job, printer, bo):
    answer = post(job, bid_body(bo, bid_on(job, printer))).json()
    assert answer["receipt"] is None
    told = get(bo, f"bids/{answer['id']}/receipt")
    assert (told.status_code, told.json()["code"]) == (404, "no-receipt")
    assert "OPERATOR_KEY" in told.json()["detail"]
    assert get(bo, "network").json()["operator"] is None


def test_strangers_and_rivals_find_no_receipt(operated, get, job, printer, bo, charlie, dee):
    bid = received(bo, job, printer)
    registered(charlie)
    for other in (charlie, dee):
        assert get(other, f"bids/{bid.pk}/receipt").status_code == 404
        assert get(other, f"bids/{bid.pk}/book").status_code == 404
    assert get(charlie, f"jobs/{job.pk}/receipts").json() == []
    assert get(dee, f"jobs/{job.pk}/receipts").status_code == 404


def test_a_receipt_is_the_operators_word_for_this_very_bid(operated, post, get, job, printer, bo):
    before = timezone.now() - timedelta(seconds=1)
    answer = post(job, bid_body(bo, bid_on(job, printer))).json()
    given = SignedReceipt.from_json(answer["receipt"]["receipt"])
    receipt_check(given, bytes_of(answer["receipt"]["signature"]), operator=operated.address, domain=INFILL)
    assert (given.bid, given.job) == (digest_of(answer["id"]), digest_of(job.job_digest))
    assert given.seq == 0
    assert before.timestamp() <= given.received_at <= timezone.now().timestamp()
    assert get(bo, "network").json()["operator"] == operated.address


def test_the_same_bid_again_has_the_same_receipt_and_so_has_who_asks_later(
    operated, post, get, job, printer, ada, bo
):
    body = bid_body(bo, bid_on(job, printer))
    first, again = post(job, body), post(job, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["receipt"] == again.json()["receipt"]
    for party in (ada, bo):
        assert get(party, f"bids/{first.json()['id']}/receipt").json() == first.json()["receipt"]
    assert Receipt.objects.count() == 1


def test_receipts_are_numbered_by_job_from_zero(operated, get, job, ada, bo, charlie):
    other = opened(ada)
    mine, theirs = registered(bo), registered(charlie)
    for at, (who, where, by) in enumerate([(bo, job, mine), (charlie, job, theirs), (bo, other, mine)]):
        assert received(who, where, by).receipt.seq == (0, 1, 0)[at]
    assert [one["receipt"]["seq"] for one in get(ada, f"jobs/{job.pk}/receipts").json()] == ["0", "1"]
    (own,) = get(charlie, f"jobs/{job.pk}/receipts").json()
    assert own["receipt"]["seq"] == "1"


def test_a_bid_from_before_there_was_a_key_has_its_receipt_with_the_next(
    job, printer, settings, bo, operator
):
    early = received(bo, job, printer)
    settings.OPERATOR_KEY = operator.key.hex()
    late = received(bo, job, printer)
    assert [early.receipt.seq, late.receipt.seq] == [0, 1]


def test_if_signing_fails_there_is_neither_bid_nor_receipt(operated, post, job, printer, bo, monkeypatch):
    def dies(*_):
        raise OSError("the process dies at this line")

    monkeypatch.setattr(books, "operator_sign", dies)
    with pytest.raises(OSError, match="dies"):
        post(job, bid_body(bo, bid_on(job, printer)))
    assert not Bid.objects.exists()


def test_times_of_receipts_never_fall(operated, job, printer, bo):
    """Two servers whose clocks differ must not make a receipt seem older than one with a lower number."""
    first = received(bo, job, printer).receipt
    Receipt.objects.update(received_at=timezone.now() + timedelta(seconds=90))
    second = received(bo, job, printer).receipt
    first.refresh_from_db()
    assert second.signed.received_at == first.signed.received_at
