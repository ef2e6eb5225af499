"""Reading receipts and books: whose they are, what they hold, and what a receipt shows about a book."""

from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.http import Http404

from marketplace.bidding.errors import NoReceipt
from marketplace.bidding.models import Bid, Book, Receipt
from marketplace.bidding.operator import operator_address
from marketplace.jobs.models import Job
from marketplace.jobs.selectors import job_seen_by
from protocol.books import Receipt as SignedReceipt
from protocol.merkle import MerkleTree
from protocol.receipts import Shown, receipt_shows
from protocol.signatures import recover
from protocol.typed import Domain
from protocol.units import Address, Digest, address_of, bytes_of, hex_of, time_of

LATE = "Book {number} was closed before this receipt was given: nothing is shown. The next book must hold it."
HELD = "Book {number} holds this bid: its leaf is one of {count}."
LEFT_OUT = (
    "The operator signed receipt {seq} at {received}, and then book {number} of {count} bids, closed at "
    "{closed}, which does not hold it: the receipt refutes the book. Keep both, with their "
    "signatures."
)


def receipt_of(bid: str) -> Receipt | None:
    """The receipt of a bid, if it has one."""
    return Receipt.objects.filter(bid=bid).select_related("job").first()


def receipt_for(bid: str, person: str) -> Receipt:
    """The receipt of one's own bid, or of one on one's own job. Raises Http404, NoReceipt."""
    own = Q(provider=person) | Q(job__designer=person)
    if not Bid.objects.filter(own, pk=bid).exists():
        raise Http404
    if found := receipt_of(bid):
        return found
    if operator_address() is None:
        raise NoReceipt("This marketplace signs no receipts: its operator set no OPERATOR_KEY.")
    raise NoReceipt("The bid came before this marketplace signed receipts: send it again for one.")


def receipts_for(job: UUID, person: str) -> QuerySet[Receipt]:
    """A job's receipts by number: its designer sees all, a provider their own. Raises Http404."""
    found = job_seen_by(person, job)
    own = Q() if found.designer_id == person else Q(bid__provider=person)
    return Receipt.objects.filter(own, job=found).select_related("job")


def books_for(job: UUID, person: str) -> QuerySet[Book]:
    """A job's books, for who may know of the job: leaves tell nothing but how many. Raises Http404."""
    return Book.objects.filter(job=job_seen_by(person, job)).select_related("job")


def book_for(job: UUID, number: int, person: str) -> Book:
    """One of a job's books. Raises Http404."""
    found = books_for(job, person).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def book_with(root: str, job: Job) -> Book | None:
    """A job's book by its root (0x text), as an award names it."""
    return Book.objects.filter(job=job, root=root).select_related("job").first()


def jobs_to_book(over: Q) -> list[UUID]:
    """Jobs with receipts that no book holds, of those for which `over` is true."""
    waiting = Receipt.objects.filter(book=None).values("job")
    return list(Job.objects.filter(over, pk__in=waiting).values_list("pk", flat=True))


def receipts_in(book: Book) -> QuerySet[Receipt]:
    """The receipts that a book holds, by number."""
    return Receipt.objects.filter(job=book.job_id, seq__lt=book.count).select_related("job").order_by("seq")


def leaves_of(book: Book, domain: Domain) -> list[Digest]:
    """The digests of a book's salted leaves, by the receipts' numbers."""
    return [receipt.leaf(domain).digest() for receipt in receipts_in(book)]


def signer_of(book: Book) -> Address:
    """The operator that closed a book."""
    return address_of(recover(Digest(bytes_of(book.digest)), bytes_of(book.signature)))


def shown_by(receipt: SignedReceipt, signature: bytes, *, book: Book, domain: Domain) -> tuple[Shown, str]:
    """What a receipt shows about a book, and in words. Raises SignatureInvalid, Malformed."""
    signed = book.signed
    shown = receipt_shows(
        receipt,
        signature,
        book=signed,
        leaves=leaves_of(book, domain),
        operator=signer_of(book),
        domain=domain,
    )
    words = {Shown.INCLUDED: HELD, Shown.OMITTED: LEFT_OUT, Shown.LATER: LATE}[shown]
    times = {
        "received": time_of(receipt.received_at).isoformat(),
        "closed": time_of(signed.closed_at).isoformat(),
    }
    return shown, words.format(number=signed.number, count=signed.count, seq=receipt.seq, **times)


def place_of(receipt: Receipt, domain: Domain) -> dict[str, Any] | None:
    """A receipt's leaf and its proof in the newest book that holds it; None where no book does yet."""
    books = Book.objects.filter(job=receipt.job_id, count__gt=receipt.seq).select_related("job")
    book = books.order_by(F("number").desc()).first()
    if book is None:
        return None
    leaf, tree = receipt.leaf(domain), MerkleTree(leaves_of(book, domain))
    return {
        "book": book,
        "leaf": leaf.to_json(),
        "leaf_digest": hex_of(leaf.digest()),
        "proof": [hex_of(node) for node in tree.proof(receipt.seq)],
    }
