"""The operator's receipt: kept if it is for that very bid, complained of if not; the bid stands either way."""

from __future__ import annotations

import logging

import pytest
from eth_account import Account

from protocol.books import Receipt
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
