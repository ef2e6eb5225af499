"""What a receipt shows about a book; what is no book of its list."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.books import Book, Receipt
from protocol.canonical import keccak
from protocol.errors import BookBroken, Malformed, SignatureInvalid, TreeRefused
from protocol.merkle import BookLeaf, MerkleTree
from protocol.receipts import Shown, book_check, receipt_shows
from protocol.typed import infill_domain
from tests.vectors.samples import CHAIN_ID, ESCROW

DOMAIN = infill_domain(CHAIN_ID, ESCROW)
OPERATOR = Account.from_key((0x09E).to_bytes(32))
JOB, OPENED = keccak(b"job"), 1_800_000_000


def given_receipt(seq: int, **changes) -> tuple[Receipt, bytes]:
    receipt = replace(Receipt(keccak(b"bid %d" % seq), JOB, seq, OPENED + seq), **changes)
    return receipt, bytes(OPERATOR.unsafe_sign_hash(receipt.digest(DOMAIN)).signature)


def closed(count: int, *, without: int | None = None) -> tuple[Book, list[bytes]]:
    """An honest book of so many bids; or one that replaces a bid's leaf by another, so that the count is right."""
    leaves = [BookLeaf.of(*given_receipt(seq), DOMAIN).digest() for seq in range(count)]
    if without is not None:
        leaves[without] = keccak(b"nothing")
    return Book(JOB, 1, OPENED + count, count, MerkleTree(leaves).root), leaves


def shown(receipt, signature, book, leaves):
    return receipt_shows(
        receipt, signature, book=book, leaves=leaves, operator=OPERATOR.address, domain=DOMAIN
    )


def test_a_receipt_that_the_operator_never_signed_shows_nothing(charlie):
    receipt, _ = given_receipt(0)
    forged = bytes(charlie.unsafe_sign_hash(receipt.digest(DOMAIN)).signature)
    with pytest.raises(SignatureInvalid, match=charlie.address):
        shown(receipt, forged, *closed(2, without=0))


def test_a_receipt_for_another_job_shows_nothing():
    with pytest.raises(Malformed, match="another job"):
        shown(*given_receipt(0, job=keccak(b"other")), *closed(2))


def test_a_book_of_nothing_is_none():
    with pytest.raises(TreeRefused):
        book_check(Book(JOB, 1, OPENED, 0, JOB), [])


def test_a_book_with_another_count_or_root_than_its_list_is_broken():
    book, leaves = closed(3)
    with pytest.raises(BookBroken, match="counts 4 bids and lists 3"):
        book_check(replace(book, count=4), leaves)
    with pytest.raises(BookBroken, match="the root"):
        book_check(replace(book, root=JOB), leaves)
    with pytest.raises(BookBroken):
        book_check(book, [*leaves[1:], keccak(b"another")])
    book_check(book, leaves)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 6), st.data())
def test_a_bid_left_out_shows_whichever_it_was(count, data):
    left_out = data.draw(st.integers(0, count - 1))
    book, leaves = closed(count, without=left_out)
    book_check(book, leaves)
    for seq in range(count):
        expected = Shown.OMITTED if seq == left_out else Shown.INCLUDED
        assert shown(*given_receipt(seq), book, leaves) is expected


def test_a_book_that_is_cut_short_is_refuted_by_the_time_of_the_receipt():
    book, leaves = closed(2)
    assert shown(*given_receipt(2, received_at=book.closed_at - 1), book, leaves) is Shown.OMITTED


def test_a_receipt_after_the_closing_refutes_nothing():
    book, leaves = closed(2)
    assert shown(*given_receipt(2, received_at=book.closed_at), book, leaves) is Shown.LATER


def test_a_second_signature_on_a_receipt_that_is_not_in_the_list_refutes_the_book():
    """An operator that signs twice, and lists the leaf of the other signature, is shown by its own hand."""
    receipt, signature = given_receipt(0)
    other = signature[:32] + bytes(32) + signature[64:]
    leaf = BookLeaf.of(receipt, other, DOMAIN).digest()
    assert shown(receipt, signature, Book(JOB, 1, OPENED + 1, 1, leaf), [leaf]) is Shown.OMITTED
