"""An agent that holds a hot key alone: what it may, what it says it may not, and what its purse gives it."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner

from contracts.calls import SetAgent
from protocol.evidence import evidence_check
from protocol.signatures import recover
from protocol.statuses import AgreementStatus, BidStatus, MakingStatus
from protocol.terms import Bid
from protocol.units import ZERO_ADDRESS, Wei, address_of
from provider_agent.bidder import Bidder
from provider_agent.cli import main
from provider_agent.cli_hot import _pass_make
from provider_agent.errors import PassRefused, ProfileUnsigned, SignInRefused
from provider_agent.journal.bids import bid_get, bids_for, bids_open
from provider_agent.journal.makings import making_advance
from provider_agent.journal.records import records_unsent
from provider_agent.journal.reservations import reservations_held
from provider_agent.journal.store import Journal, journal_open
from provider_agent.json_client import JsonClient
from provider_agent.making.context import Context
from provider_agent.making.fetching import _spec_record
from provider_agent.making.settling import deliver
from provider_agent.marketplace import Marketplace
from provider_agent.passes import Pass, pass_check, pass_read, pass_use
from provider_agent.printers import fleet_of, profile_sign
from provider_agent.wallet import Wallet
from tests.provider_agent.desk import agreement_won, making
from tests.provider_agent.samples import config, config_toml
from tests.provider_agent.test_bidder import posted

DAY = 86_400


@pytest.fixture
def purse(wallet: Wallet) -> Wallet:
    """Bo's own key."""
    return wallet


@pytest.fixture
def hot_journal(tmp_path: Path):
    journal = journal_open(tmp_path / "hot.sqlite3")
    yield journal
    journal.close()


@pytest.fixture
def hot(charlie, anvil, chain, hot_journal: Journal, purse: Wallet) -> Wallet:
    """The key that Charlie keeps for Bo."""
    anvil.fund(charlie)
    return Wallet(charlie, chain, hot_journal, provider=purse.address)


@asynccontextmanager
async def desk(tmp_path: Path, journal: Journal, chain, wallet: Wallet, market) -> AsyncIterator[Context]:
    market.escrow = chain.escrow
    settings = config(marketplace=market.url, escrow=chain.escrow)
    fleet = fleet_of(settings)
    async with aiohttp.ClientSession() as session:
        marketplace = Marketplace(
            JsonClient(market.url, session),
            journal,
            address=wallet.provider,
            chain_id=31337,
            sign=wallet.sign,
            signer=wallet.address,
        )
        yield Context(tmp_path, settings, journal, chain, wallet, marketplace, fleet)
    await fleet.close()


@pytest.fixture
async def given(tmp_path, journal, chain, purse, hot, market, anvil) -> Pass:
    """What the purse gave, as it comes out of its file."""
    async with desk(tmp_path, journal, chain, purse, market) as context:
        until = max(anvil.now(), int(time.time())) + DAY
        made = await _pass_make(context, hot.address, until, Wei(0))
    return pass_read(json.dumps(made.to_json()), chain.infill)


class TestPass:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"provider": address_of("0x" + "11" * 20)}, 'write provider = "0x'),
            ({"key": address_of("0x" + "11" * 20)}, "the pass is for the key"),
            ({"url": "http://elsewhere"}, "agent.toml says http://elsewhere"),
            ({"serials": ["p1", "p2"]}, "no profile for p2"),
        ],
    )
    async def test_a_pass_for_others_is_refused(self, given, hot, market, changes, problem) -> None:
        usual: dict[str, Any] = {
            "provider": hot.provider,
            "key": hot.address,
            "url": market.url,
            "serials": ["p1"],
        }
        pass_check(given, **usual)
        with pytest.raises(PassRefused, match=problem):
            pass_check(given, **{**usual, **changes})

    async def test_a_pass_that_is_over_is_refused(self, given, hot, market) -> None:
        ours = {"provider": hot.provider, "key": hot.address, "url": market.url, "serials": ["p1"]}
        old = {**given.token, "expires_at": "2020-01-01T00:00:00+00:00"}
        for over in (replace(given, until=1), replace(given, token=old)):
            with pytest.raises(PassRefused, match="make a new one"):
                pass_check(over, **ours)

    async def test_what_the_purse_did_not_sign_is_no_pass(self, given, chain, charlie) -> None:
        data = given.to_json()
        forged = charlie.unsafe_sign_hash(given.profiles[0].digest).signature
        lies = (
            {"version": 2},
            {"token": {}},
            {"provider": charlie.address},
            {"profiles": [{**data["profiles"][0], "signature": "0x" + bytes(forged).hex()}]},
            {"profiles": [{}]},
            {"profiles": 5},
        )
        for lie in lies:
            with pytest.raises(PassRefused, match="this is no pass"):
                pass_read(json.dumps({**data, **lie}), chain.infill)
        with pytest.raises(PassRefused):
            pass_read("{", chain.infill)

    async def test_a_hot_key_gives_no_pass(self, tmp_path, hot_journal, chain, hot, market, ada) -> None:
        async with desk(tmp_path, hot_journal, chain, hot, market) as context:
            with pytest.raises(PassRefused, match="where the purse's key is"):
                await _pass_make(context, address_of(ada.address), 1, Wei(0))


async def test_without_a_pass_it_neither_signs_in_nor_has_a_printer(
    tmp_path, hot_journal, chain, hot, market
) -> None:
    async with desk(tmp_path, hot_journal, chain, hot, market) as context:
        with pytest.raises(SignInRefused, match="bring a new pass from the purse"):
            await context.marketplace.headers()
        with pytest.raises(ProfileUnsigned, match="p1: a hot key cannot sign its profile"):
            profile_sign(hot_journal, context.config.printers[0], wallet=hot, domain=chain.infill)
    assert (market.sign_ins, market.printers) == (0, [])


async def test_it_bids_for_its_purse_until_it_is_revoked(
    tmp_path, hot_journal, chain, hot, given, market, anvil, ada, bo
) -> None:
    pass_use(hot_journal, given)
    anvil.finalise()
    posted(market, designer=address_of(ada.address), deadline=anvil.now() + 20 * DAY)
    async with desk(tmp_path, hot_journal, chain, hot, market) as context:
        bidder = Bidder(context)
        await bidder._look()
        (sent,) = market.bids
        terms, signature = Bid.from_json(sent["bid"]), bytes.fromhex(sent["signature"][2:])
        assert (terms.provider, sent["signer"]) == (hot.provider, hot.address)
        assert recover(terms.digest(chain.domain), signature) == hot.address
        assert await chain.award_refusal(terms, signature, hot.address, 1) == ""
        market.jobs.clear()
        revoked = SetAgent(ZERO_ADDRESS, hot.address, 0, Wei(0)).data
        anvil.send(bo, {"to": chain.escrow, "data": revoked})
        await bidder._look()
        assert bids_open(hot_journal), "not final: it may be taken back"
        anvil.finalise()
        await bidder._look()
    assert (bids_open(hot_journal), reservations_held(hot_journal)) == ([], [])
    (row,) = bids_for(hot_journal, "job-1")
    assert row.status is BidStatus.WITHDRAWN
    assert row.reason.startswith("SignerNotAllowed")


async def test_a_key_that_was_revoked_sends_no_bid_and_says_what_the_purse_has_to_do(
    tmp_path, hot_journal, chain, hot, given, market, anvil, ada, bo, caplog
) -> None:
    anvil.send(bo, {"to": chain.escrow, "data": SetAgent(ZERO_ADDRESS, hot.address, 0, Wei(0)).data})
    pass_use(hot_journal, given)
    posted(market, designer=address_of(ada.address), deadline=anvil.now() + 20 * DAY)
    async with desk(tmp_path, hot_journal, chain, hot, market) as context:
        bidder = Bidder(context)
        for _ in range(2):
            await bidder._look()
    assert caplog.text.count("the purse has to run `infill-agent purse-pass") == 1
    assert "The escrow would refuse this bid now: SignerNotAllowed" in market.declines[0]["reason"]
    assert (market.bids, reservations_held(hot_journal)) == ([], [])


async def test_it_delivers_with_evidence_that_it_signs_for_its_purse(
    tmp_path, hot_journal, chain, hot, given, market, anvil, ada
) -> None:
    agreement = agreement_won(hot_journal, hot, chain, anvil, ada, provider=hot.provider)
    async with desk(tmp_path, hot_journal, chain, hot, market) as context:
        _spec_record(context, making(context, agreement), bid_get(hot_journal, agreement))
        for status in list(MakingStatus)[1 : list(MakingStatus).index(MakingStatus.CLEARED) + 1]:
            making_advance(hot_journal, agreement, status)
        (record,) = records_unsent(hot_journal, agreement)
        await deliver(context, making(context, agreement))
    assert (await chain.word(agreement)).status is AgreementStatus.DELIVERED
    evidence_check(
        record,
        domain=chain.infill,
        agreement=agreement,
        actor=hot.provider,
        previous=None,
        hot_key=hot.address,
    )


def test_use_pass_says_what_is_missing_in_agent_toml(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "password").write_text("correct horse\n")
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(tmp_path / "password"))
    home = tmp_path / "home"
    home.mkdir()
    (home / "agent.toml").write_text(config_toml())
    (tmp_path / "pass.json").write_text("{}")
    for command in (("use-pass", str(tmp_path / "pass.json")), ("purse-pass", "0x" + "11" * 20)):
        result = CliRunner().invoke(main, ["--home", str(home), *command])
        assert result.exit_code == 1
        assert "there is no" in result.stderr
        assert "keystore.json" in result.stderr
