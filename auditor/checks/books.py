"""Is the bid book whole, its operator's, the one awarded with, and does it hold the bids that it must?"""

from collections import Counter

from auditor.anchoring import BOOK
from auditor.case import Case
from auditor.checks.base import CLOCK_TOLERANCE, Findings, need, need_history
from auditor.findings import Finding, differs, text_of
from auditor.ids import book_digest, book_leaf, receipt_digest, root_of
from auditor.signers import signer_of
from auditor.sources.parts import SignedBook, SignedReceipt
from protocol.units import ZERO_DIGEST, Digest


def book_sound(case: Case) -> Findings:
    """Signed by the operator it names, for this job; count and root are those of its list, each bid once."""
    if not case.bundle.has(BOOK):
        return
    told = need(case.bundle.book, BOOK)
    book, place = told.book, f"{BOOK} book"
    signer = signer_of(book_digest(book, case.node.chain_id, case.node.escrow), told.signature)
    message = "the book is not signed by the operator it names"
    yield from differs("book-signature", f"{BOOK} signature", message, told.operator, signer or "nobody")
    job = need_history(case).terms.job_digest
    yield from differs("book-job", f"{place} job", "the book of another job", job, book.job)
    yield from differs(
        "book-count", f"{place} count", "bids are missing or added", book.count, len(told.leaves)
    )
    for leaf, count in Counter(told.leaves).items():
        if count > 1:
            yield Finding("book-twice", f"{BOOK} leaves", "a bid counts twice", "once", text_of(leaf))
    root = root_of(told.leaves) if told.leaves else ZERO_DIGEST
    yield from differs("book-root", f"{place} root", "the list has another root", root, book.root)


def book_awarded(case: Case) -> Findings:
    """The root on chain is the book's; the book was closed before the award."""
    history = need_history(case)
    root, place = history.awarded.book, history.award.raw.place
    if not case.bundle.has(BOOK):
        if root != ZERO_DIGEST:
            message = "the award commits to a bid book that the bundle lacks"
            yield Finding("book-missing", BOOK, message, text_of(root), "nothing")
        return
    book = need(case.bundle.book, BOOK).book
    yield from differs("book-award", place, "the award commits to another book", book.root, root)
    if book.closed_at > history.award.raw.time + CLOCK_TOLERANCE:
        message, limit = "closed after the award that commits to it", f"until {history.award.raw.time}"
        yield Finding("book-late", f"{BOOK} book closedAt", message, limit, str(book.closed_at))


def book_holds_bid(case: Case) -> Findings:
    """The operator's receipt for the awarded bid is one of the book's."""
    if not case.bundle.has(BOOK):
        return
    told = need(case.bundle.book, BOOK)
    signed, place = told.receipt, f"{BOOK} receipt"
    message = "the receipt of another bid"
    yield from differs("receipt-bid", place, message, case.agreement, signed.receipt.bid)
    yield from _foreign(case, told, place, signed)
    if book_leaf(_digest(case, signed), signed.signature) not in told.leaves:
        message = "the book does not hold the bid that was awarded"
        yield Finding("book-omits", f"{BOOK} leaves", message, text_of(case.agreement), "no leaf of it")
    if signed.receipt.seq >= told.book.count or signed.receipt.received_at > told.book.closed_at:
        message = "given after the book was closed, by its number or its time"
        limit = f"below {told.book.count}, until {told.book.closed_at}"
        found = f"{signed.receipt.seq}, {signed.receipt.received_at}"
        yield Finding("receipt-late", place, message, limit, found)


def receipts_held(case: Case) -> Findings:
    """The book holds every given receipt that it must: by its number, or by its time."""
    if not case.receipts:
        return
    told = need(case.bundle.book, BOOK)
    for each in case.receipts:
        problems = [*_foreign(case, told, each.name, each.signed)]
        yield from problems or _omitted(case, told, each.name, each.signed)


def _foreign(case: Case, told: SignedBook, place: str, signed: SignedReceipt) -> Findings:
    """What is no receipt of this operator for this job shows nothing about the book."""
    signer = signer_of(_digest(case, signed), signed.signature) or "nobody"
    yield from differs("receipt-signature", place, "not the operator's receipt", told.operator, signer)
    yield from differs("receipt-job", place, "for another job", told.book.job, signed.receipt.job)


def _omitted(case: Case, told: SignedBook, place: str, signed: SignedReceipt) -> Findings:
    receipt, book = signed.receipt, told.book
    due = receipt.seq < book.count or receipt.received_at < book.closed_at
    if due and book_leaf(_digest(case, signed), signed.signature) not in told.leaves:
        message = "the operator signed this receipt, and then a book without it: the receipt refutes the book"
        found = f"number {receipt.seq} of {book.count}, received at {receipt.received_at}"
        yield Finding("book-omits", place, message, text_of(receipt.bid), found)


def _digest(case: Case, signed: SignedReceipt) -> Digest:
    return receipt_digest(signed.receipt, case.node.chain_id, case.node.escrow)
