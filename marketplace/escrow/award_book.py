"""The bid book that an award commits to."""

from django.utils import timezone

from marketplace.bidding.books import book_close
from marketplace.bidding.selectors import market
from marketplace.jobs.selectors import jobs_by_digest
from protocol.terms import Bid
from protocol.units import ZERO_DIGEST, Digest, digest_of, hex_of


def award_book(bid: Bid) -> Digest:
    """The root of the book of all bids received for its job, closed now; zero where nobody signs any."""
    digest = hex_of(bid.job_digest)
    job = jobs_by_digest([digest]).get(digest)
    book = book_close(job=job.pk, market=market(), now=timezone.now()) if job else None
    return digest_of(book.root) if book else ZERO_DIGEST
