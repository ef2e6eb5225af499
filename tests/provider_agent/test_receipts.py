"""The operator's receipt and book: kept and held to if they are right, complained of if not; bids go on either way."""

from __future__ import annotations

import logging

import pytest
from eth_account import Account

from protocol.books import Book, Receipt
from protocol.canonical import keccak
from protocol.merkle import BookLeaf, MerkleTree
from protocol.terms import Bid, agreement_id
from protocol.typed import escrow_domain, infill_domain
from protocol.units import Digest, hex_of
from provider_agent.journal.bids import bids_open
from provider_agent.journal.receipts import receipt_find
from tests.provider_agent.test_bidder import desk, posted

OPERATOR = Account.from_key((0x09E).to_bytes(32))


def answering(chain, by=OPERATOR, **changes):
    """What a marketplace answers to a bid, with some members of the receipt changed."""

    def receipt(bid):
        terms, place = Bid.from_json(bid), (31337, chain.escrow)
        members = {"bid": agreement_id(terms, escrow_domain(*place)), "job": terms.job_digest, "seq": 3}
        made = Receipt(**({**members, "received_at": 1_800_000_000} | changes))
        signature = by.unsafe_sign_hash(made.digest(infill_domain(*place))).signature
        return {"receipt": made.to_json(), "signature": hex_of(signature), "digest": ""}

    return receipt


async def bids(tmp_path, journal, chain, wallet, market):
    """The one bid that was made."""
    posted(market)
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
    (row,) = bids_open(journal)
    assert row.sent
    return row


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"bid": Digest(bytes(32))}, "another bid"),
        ({"job": Digest(bytes(32))}, "another bid"),
        ({"by": Account.from_key((0xC4A).to_bytes(32))}, "signed by"),
    ],
)
async def test_a_receipt_that_does_not_hold_is_not_kept(
    tmp_path, journal, chain, wallet, market, caplog, spoilt, why
):
    market.operator, market.receipt = OPERATOR.address, answering(chain, **spoilt)
    row = await bids(tmp_path, journal, chain, wallet, market)
    assert receipt_find(journal, row.agreement) is None
    (complaint,) = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    assert why in complaint.getMessage()
    assert "ask the operator" in complaint.getMessage()


@pytest.mark.parametrize("told", [None, "yes", {}, {"receipt": {}, "signature": "0x"}])
async def test_nonsense_for_a_receipt_is_complained_of(
    tmp_path, journal, chain, wallet, market, caplog, told
):
    market.operator, market.receipt = OPERATOR.address, lambda bid: told
    row = await bids(tmp_path, journal, chain, wallet, market)
    assert receipt_find(journal, row.agreement) is None
    assert [entry.levelname for entry in caplog.records].count("ERROR") == 1


async def test_a_marketplace_without_an_operator_owes_no_receipt(
    tmp_path, journal, chain, wallet, market, caplog
):
    row = await bids(tmp_path, journal, chain, wallet, market)
    assert receipt_find(journal, row.agreement) is None
    assert not [entry for entry in caplog.records if entry.levelno >= logging.ERROR]


async def test_a_good_receipt_is_kept_with_the_bid(tmp_path, journal, chain, wallet, market):
    market.operator, market.receipt = OPERATOR.address, answering(chain)
    row = await bids(tmp_path, journal, chain, wallet, market)
    kept = receipt_find(journal, row.agreement)
    assert (kept.receipt.bid, kept.receipt.seq) == (row.agreement, 3)


def closed(chain, leaves, *, by=OPERATOR, **changes):
    """A book of these leaves as a marketplace tells it."""
    job, members = Digest(bytes(32)), {"number": 1, "closed_at": 2**40 - 1, "count": len(leaves)}
    book = Book(**({"job": job, **members, "root": MerkleTree(leaves).root} | changes))
    signature = by.unsafe_sign_hash(book.digest(infill_domain(31337, chain.escrow))).signature
    return {
        "book": book.to_json(),
        "signature": hex_of(signature),
        "leaves": [hex_of(leaf) for leaf in leaves],
    }


OTHER = keccak(b"another bid")


async def lost(tmp_path, journal, chain, wallet, market, tell):
    """The bid lost; `tell(leaf, job)` are the books that the marketplace shows then. Whether its time is free."""
    market.operator, market.receipt = OPERATOR.address, answering(chain)
    posted(market)
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
        (row,) = bids_open(journal)
        kept, infill = receipt_find(journal, row.agreement), infill_domain(31337, chain.escrow)
        leaf = BookLeaf.of(kept.receipt, kept.signature, infill).digest()
        market.books = tell(leaf, row.bid.job_digest)
        market.bids[0]["id"], market.bid_status = hex_of(row.agreement), "LOST"
        market.jobs.clear()
        await bidder._look()
    assert bids_open(journal) == []


def complaints(caplog):
    return [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.ERROR]


async def test_a_book_that_leaves_the_bid_out_is_complained_of(
    tmp_path, journal, chain, wallet, market, caplog
):
    await lost(tmp_path, journal, chain, wallet, market, lambda leaf, job: [closed(chain, [OTHER], job=job)])
    (complaint,) = complaints(caplog)
    assert "leaves this bid out" in complaint


async def test_a_book_that_is_not_the_operators_or_not_whole_shows_nothing(
    tmp_path, journal, chain, wallet, market, caplog
):
    forger = Account.from_key((0xC4A).to_bytes(32))

    def tell(leaf, job):
        return [closed(chain, [leaf], job=job, by=forger)]

    await lost(tmp_path, journal, chain, wallet, market, tell)
    (complaint,) = complaints(caplog)
    assert "not signed by the operator" in complaint


@pytest.mark.parametrize("spoilt", [{"count": 3}, {"root": OTHER}])
async def test_a_book_that_contradicts_its_list_is_complained_of(
    tmp_path, journal, chain, wallet, market, caplog, spoilt
):
    def tell(leaf, job):
        return [closed(chain, [leaf, OTHER], job=job, **spoilt)]

    await lost(tmp_path, journal, chain, wallet, market, tell)
    (complaint,) = complaints(caplog)
    assert "cannot be checked" in complaint


async def test_the_newest_book_counts_and_one_that_holds_the_bid_is_fine(
    tmp_path, journal, chain, wallet, market, caplog
):
    def tell(leaf, job):
        return [closed(chain, [OTHER], job=job), closed(chain, [OTHER, leaf], job=job, number=2)]

    await lost(tmp_path, journal, chain, wallet, market, tell)
    assert complaints(caplog) == []


@pytest.mark.parametrize("nonsense", [["yes"], [{}], [{"book": {"number": []}}], {"a": 1}])
async def test_nonsense_for_books_is_complained_of_and_the_bid_ends_all_the_same(
    tmp_path, journal, chain, wallet, market, caplog, nonsense
):
    await lost(tmp_path, journal, chain, wallet, market, lambda leaf, job: nonsense)
    (complaint,) = complaints(caplog)
    assert "cannot be checked" in complaint


async def test_without_a_book_the_bid_ends_all_the_same(tmp_path, journal, chain, wallet, market, caplog):
    await lost(tmp_path, journal, chain, wallet, market, lambda leaf, job: [])
    assert complaints(caplog) == []
