"""Receipts for bids, and the books that count them. Both lock the job's row: numbers have no gaps."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from marketplace.activity.services import activity_record
from marketplace.bidding.models import Bid, Book, Receipt
from marketplace.bidding.operator import operator_address, operator_sign
from marketplace.bidding.rules import Market
from marketplace.jobs.models import Job
from protocol.books import Book as SignedBook
from protocol.books import Receipt as SignedReceipt
from protocol.merkle import MerkleTree
from protocol.typed import Domain
from protocol.units import digest_of, hex_of, seconds_of, time_of


def receipts_issue(*, job: Job, domain: Domain) -> None:
    """Give every bid on a job that has none its receipt, in the caller's atomic block with the job locked.

    Without an operator's key there are none. Bids that came before there was a key get theirs with the next.
    """
    if operator_address() is None:
        return
    for bid, seq, received_at in _numbered(job):
        signed = SignedReceipt(digest_of(bid.pk), digest_of(job.job_digest), seq, received_at)
        Receipt.objects.create(
            bid=bid,
            job=job,
            seq=seq,
            received_at=time_of(received_at),
            signature=hex_of(operator_sign(signed, domain)),
            digest=hex_of(signed.digest(domain)),
        )


def _numbered(job: Job) -> Iterator[tuple[Bid, int, int]]:
    """Bids without receipt, their numbers and times. Times never fall, even if a server's clock is behind."""
    newest, since = job.receipts.order_by("seq").last(), _newest_time(job)
    first = newest.seq + 1 if newest else 0
    waiting = Bid.objects.filter(job=job, receipt=None).order_by("received_at", "pk")
    for seq, bid in enumerate(waiting, first):
        since = max(since, bid.received_at)
        yield bid, seq, seconds_of(since)


def _newest_time(job: Job) -> datetime:
    """Of everything the operator signed about a job's bids."""
    signed = [*job.receipts.values_list("received_at", flat=True).order_by("-seq")[:1]]
    signed += job.books.values_list("closed_at", flat=True).order_by("-number")[:1]
    return max(signed, default=datetime.fromtimestamp(0, UTC))


@transaction.atomic
def book_close(*, job: UUID, market: Market, now: datetime) -> Book | None:
    """The book of all bids on a job so far: a new one, or the newest where it holds them all.

    None without an operator's key, or without a bid. Raises Job.DoesNotExist.
    """
    locked = Job.objects.select_for_update().get(pk=job)
    receipts_issue(job=locked, domain=market.infill)
    newest = locked.books.order_by("number").last()
    if operator_address() is None or not locked.receipts.filter(book=None).exists():
        return newest if operator_address() else None
    return _book_create(locked, newest, market.infill, now)


def _book_create(job: Job, newest: Book | None, domain: Domain, now: datetime) -> Book:
    receipts = job.receipts.select_related("job")
    tree = MerkleTree([receipt.leaf(domain).digest() for receipt in receipts])
    book = SignedBook(
        job=digest_of(job.job_digest),
        number=newest.number + 1 if newest else 1,
        closed_at=seconds_of(max(now, _newest_time(job))),
        count=len(tree.leaves),
        root=tree.root,
    )
    made = Book.objects.create(
        job=job,
        number=book.number,
        closed_at=time_of(book.closed_at),
        count=book.count,
        root=hex_of(book.root),
        signature=hex_of(operator_sign(book, domain)),
        digest=hex_of(book.digest(domain)),
    )
    job.receipts.filter(book=None).update(book=made)
    activity_record(
        kind="book.closed",
        subject=job.subject,
        data={"number": made.number, "count": made.count, "root": made.root},
    )
    return made
