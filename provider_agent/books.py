"""Whether a job's bid book holds a bid that lost, by the receipt that the agent kept."""

from __future__ import annotations

from typing import Any

from protocol.books import Book
from protocol.errors import Malformed, SignatureInvalid
from protocol.receipts import Shown, book_check, receipt_shows
from protocol.signatures import recover, signature_of
from protocol.typed import Domain
from protocol.units import Address, digest_of
from provider_agent.journal.receipts import ReceiptRow


def book_shows(told: Any, kept: ReceiptRow, *, operator: Address, domain: Domain) -> Shown:
    """What a kept receipt shows about a book as a marketplace tells it; domain Infill.

    Raises Malformed, SignatureInvalid, BookBroken, TreeRefused: then it is no book of this operator.
    """
    if not isinstance(told, dict) or not isinstance(told.get("leaves"), list):
        raise Malformed("expected a book with its leaves", "book")
    book, leaves = Book.from_json(told.get("book")), [digest_of(leaf) for leaf in told["leaves"]]
    if recover(book.digest(domain), signature_of(told.get("signature"))) != operator:
        raise SignatureInvalid(f"the book is not signed by the operator {operator}")
    book_check(book, leaves)
    return receipt_shows(
        kept.receipt, kept.signature, book=book, leaves=leaves, operator=operator, domain=domain
    )
