"""From an open job to a journalled, signed, sent bid; and every way back."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from protocol.signatures import recover
from protocol.statuses import BidStatus
from protocol.terms import Bid
from protocol.units import Address, Wei, address_of, hex_of
from provider_agent.bidder import Bidder
from provider_agent.errors import MarketplaceUnreachable, NodeUnreachable, WrongChain
from provider_agent.journal.bids import bids_open
from provider_agent.journal.reservations import reservations_held
from provider_agent.json_client import JsonClient
from provider_agent.making.context import Context
from provider_agent.marketplace import Marketplace
from provider_agent.printers import fleet_of
from tests.provider_agent.market import Market
from tests.provider_agent.samples import config, job, job_json, part, spec


@asynccontextmanager
async def desk(tmp_path: Path, journal, chain, wallet, market: Market, **changes):
    """A bidder whose printer is registered; `changes` go to agent.toml."""
    market.escrow = chain.escrow
    settings = config(marketplace=market.url, escrow=chain.escrow, **changes)
    fleet = fleet_of(settings)
    async with aiohttp.ClientSession() as session:
        marketplace = Marketplace(
            JsonClient(market.url, session), journal, address=wallet.address, chain_id=31337, sign=wallet.sign
        )
        yield Bidder(Context(tmp_path, settings, journal, chain, wallet, marketplace, fleet))
    await fleet.close()


def posted(market: Market, **changes):
    found = job(spec(**changes))
    market.jobs[found.id] = job_json(found)
    return found


async def test_a_job_that_does_not_fit_is_declined_once_and_nothing_is_reserved(
    tmp_path, journal, chain, wallet, market
) -> None:
    found = posted(market, parts=(part(size_um=(300_000, 1000, 1000)),))
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
        await bidder._consider(found)
    assert [decline["reason"] for decline in market.declines] == [
        "p1: The part needs 300 x 1 x 1 mm, the printer has room for 220 x 220 x 250 mm."
    ]
    assert (market.bids, bids_open(journal), reservations_held(journal)) == ([], [], [])


async def test_a_spec_that_its_digest_does_not_commit_to_is_left_alone(
    tmp_path, journal, chain, wallet, market
) -> None:
    found = posted(market)
    market.jobs[found.id]["spec"]["parts"][0]["infill_percent"] = 100
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
    assert (market.bids, market.declines) == ([], [])


async def test_no_bid_for_a_marketplace_of_another_escrow(tmp_path, journal, chain, wallet, market) -> None:
    posted(market)
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        market.escrow = Address("0x" + "11" * 20)
        with pytest.raises(WrongChain, match="no bids"):
            await bidder._look()
    assert market.bids == []


async def test_a_bond_that_is_not_deposited_is_not_promised(tmp_path, journal, chain, wallet, market) -> None:
    posted(market)
    async with desk(tmp_path, journal, chain, wallet, market, bond=Wei(10**15)) as bidder:
        await bidder._look()
    assert "bond of 0.001 ETH is not covered" in market.declines[0]["reason"]
    assert market.bids == []


async def test_what_the_escrow_would_not_award_never_leaves(tmp_path, journal, chain, wallet, market) -> None:
    found = posted(market, designer=wallet.address)
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
    assert "The escrow would refuse this bid now: PartiesNotDistinct" in market.declines[0]["reason"]
    assert (market.bids, bids_open(journal), reservations_held(journal)) == ([], [], [])
    row = journal.row("SELECT * FROM bids WHERE job = ?", found.id)
    assert (row["signature"], row["status"]) == (None, BidStatus.WITHDRAWN)


async def test_when_the_node_is_gone_nothing_is_signed_or_reserved(
    tmp_path, journal, chain, wallet, market, monkeypatch
) -> None:
    posted(market)

    async def gone(*_):
        raise NodeUnreachable("gone")

    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        monkeypatch.setattr(chain, "award_refusal", gone)
        with pytest.raises(NodeUnreachable):
            await bidder._look()
    assert (market.bids, bids_open(journal), reservations_held(journal)) == ([], [], [])


async def test_a_bid_the_marketplace_refuses_gives_its_hours_back(
    tmp_path, journal, chain, wallet, market
) -> None:
    posted(market)
    market.refusals["/bids"] = (409, {"code": "bid-job-closed", "detail": "The job is closed."})
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
    assert (bids_open(journal), reservations_held(journal)) == ([], [])


async def test_a_bid_that_could_not_be_sent_is_sent_later_as_it_was(
    tmp_path, journal, chain, wallet, market
) -> None:
    posted(market)
    market.refusals["/bids"] = (503, {})
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        with pytest.raises(MarketplaceUnreachable):
            await bidder._look()
        (kept,) = bids_open(journal)
        assert not kept.sent
        market.refusals.clear()
        await bidder._look()
    (sent,) = market.bids
    assert (sent["bid"], sent["signature"]) == (kept.bid.to_json(), hex_of(kept.signature))
    assert bids_open(journal)[0].sent


async def test_a_bid_without_signature_is_dropped_at_start(tmp_path, journal, chain, wallet, market) -> None:
    posted(market)
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
        journal.write("UPDATE bids SET signature = NULL, sent = 0")
        bidder._unsigned_drop()
    assert (bids_open(journal), reservations_held(journal)) == ([], [])


async def test_a_job_gets_one_bid_that_the_designer_could_award(
    tmp_path, journal, chain, wallet, market, ada
) -> None:
    found = posted(market, designer=address_of(ada.address))
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
        await bidder._consider(found)
        await bidder._look()
    (sent,) = market.bids
    terms = Bid.from_json(sent["bid"])
    signature = bytes.fromhex(sent["signature"][2:])
    assert recover(terms.digest(chain.domain), signature) == wallet.address == sent["signer"]
    assert await chain.award_refusal(terms, signature, wallet.address, 1) == ""
    assert terms.job_digest == found.digest
    assert terms.printer == (await _profile_digest(journal))
    assert [held.agreement for held in reservations_held(journal, "p1")] == [terms.digest(chain.domain)]


async def test_a_bid_that_lost_gives_its_hours_back(tmp_path, journal, chain, wallet, market) -> None:
    posted(market)
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
        (row,) = bids_open(journal)
        market.bids[0]["id"] = hex_of(row.agreement)
        await bidder._look()
        assert len(reservations_held(journal)) == 1
        market.bid_status = "LOST"
        market.jobs.clear()
        await bidder._look()
    assert (bids_open(journal), reservations_held(journal)) == ([], [])


async def test_a_printer_is_registered_once_and_again_when_it_changes(
    tmp_path, journal, chain, wallet, market
) -> None:
    for able in ({}, {}, {"printers": (_other_printer(),)}):
        async with desk(tmp_path, journal, chain, wallet, market, **able) as bidder:
            await bidder._look()
    first, second = market.printers
    assert int(second["profile"]["seq"]) > int(first["profile"]["seq"])
    assert second["capability"]["bed_um"] == [100_000, 100_000, 100_000]


def _other_printer():
    from provider_agent.options import PrinterType

    return PrinterType().convert(
        "p1,virtual,http://127.0.0.1:1/printers/p1,100x100x100,PLA:black", None, None
    )


async def _profile_digest(journal):
    from provider_agent.journal.profiles import profiles

    return profiles(journal)["p1"].digest
