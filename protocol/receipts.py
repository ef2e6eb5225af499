"""What a receipt shows about a closed book: that it holds the bid, that it leaves it out, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from protocol.books import Book, Receipt
from protocol.errors import BookBroken, Malformed, SignatureInvalid
from protocol.merkle import BookLeaf, MerkleTree
from protocol.signatures import recover
from protocol.typed import Domain
from protocol.units import Address, Digest, hex_of


class Shown(StrEnum):
    """What a valid receipt shows about a book of its job."""

    INCLUDED = "INCLUDED"
    OMITTED = "OMITTED"
    LATER = "LATER"


def receipt_check(receipt: Receipt, signature: bytes, *, operator: Address, domain: Domain) -> None:
    """The operator gave this receipt; domain Infill. Raises SignatureInvalid."""
    signer = recover(receipt.digest(domain), signature)
    if signer != operator:
        raise SignatureInvalid(f"the receipt is signed by {signer}, not by the operator {operator}")


def book_check(book: Book, leaves: Sequence[Digest]) -> None:
    """The book is that of these leaves. Raises BookBroken, TreeRefused."""
    if book.count != len(leaves):
        raise BookBroken(f"the book counts {book.count} bids and lists {len(leaves)}")
    root = MerkleTree(leaves).root
    if root != book.root:
        raise BookBroken(f"the leaves make the root {hex_of(root)}, the book has {hex_of(book.root)}")


def receipt_shows(
    receipt: Receipt,
    signature: bytes,
    *,
    book: Book,
    leaves: Sequence[Digest],
    operator: Address,
    domain: Domain,
) -> Shown:
    """What a receipt shows about the book with these leaves, whose signature was checked before.

    Numbers have no gaps and times do not fall, so a book of n bids holds the receipts 0 to n-1 and every one
    given before it closed. Raises SignatureInvalid, Malformed for another job's receipt.
    """
    receipt_check(receipt, signature, operator=operator, domain=domain)
    if receipt.job != book.job:
        raise Malformed("the receipt is for another job than the book", "receipt.job")
    if BookLeaf.of(receipt, signature, domain).digest() in leaves:
        return Shown.INCLUDED
    if receipt.seq < book.count or receipt.received_at < book.closed_at:
        return Shown.OMITTED
    return Shown.LATER
