"""A journal, and an agent's parts around it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from contracts.artifacts import Deployment
from protocol.statuses import MakingStatus
from protocol.units import Digest, address_of
from provider_agent.chain import Chain
from provider_agent.config import ChainConfig, config_parse
from provider_agent.fleet import Fleet, Printer
from provider_agent.journal.makings import FileRow, file_set, making_advance
from provider_agent.journal.store import Journal, journal_open
from provider_agent.json_client import JsonClient
from provider_agent.making import attempting, printing
from provider_agent.making.context import Context
from provider_agent.making.printing import produce
from provider_agent.making.slicing import GCODE
from provider_agent.marketplace import Marketplace
from provider_agent.wallet import Wallet
from tests.anvil import Anvil
from tests.provider_agent.bench import Bench, workshop
from tests.provider_agent.desk import ScriptedPrinter, agreement_won, making
from tests.provider_agent.market import Market, running
from tests.provider_agent.samples import config_toml

GCODE_TEXT = b"G28\n"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = journal_open(tmp_path / "journal.sqlite3")
    yield journal
    journal.close()


@pytest.fixture
async def chain(anvil: Anvil, deployment: Deployment) -> AsyncIterator[Chain]:
    chain = Chain(ChainConfig(anvil.url, anvil.chain_id, address_of(deployment.escrow)))
    yield chain
    await chain.close()


@pytest.fixture
def wallet(bo, chain: Chain, journal: Journal) -> Wallet:
    return Wallet(bo, chain, journal)


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with running(Market(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")) as market:
        yield market


@pytest.fixture
def bench(tmp_path: Path, bo, ada) -> Iterator[Bench]:
    """Bo's workshop, the agent not yet running."""
    with workshop(tmp_path, bo, ada) as bench:
        yield bench


@pytest.fixture
def driver() -> ScriptedPrinter:
    return ScriptedPrinter()


@pytest.fixture
async def context(
    tmp_path: Path, journal, chain, wallet, market: Market, driver, monkeypatch
) -> AsyncIterator[Context]:
    """An agent whose printer p1 is the scripted one, sampled a hundred times a second."""
    monkeypatch.setattr("provider_agent.fleet.SAMPLE_SECONDS", 0.01)
    monkeypatch.setattr(attempting, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(printing, "PLATE_SECONDS", 0.01)
    config = config_parse(config_toml(marketplace=market.url, escrow=chain.escrow))
    printer = Printer(config.printers[0], driver)
    async with aiohttp.ClientSession() as session:
        marketplace = Marketplace(
            JsonClient(market.url, session), journal, address=wallet.address, chain_id=31337, sign=wallet.sign
        )
        watching = asyncio.create_task(printer.watch(lambda *_: None))
        yield Context(tmp_path, config, journal, chain, wallet, marketplace, Fleet([printer]))
        watching.cancel()


@pytest.fixture
def agreement(journal, wallet, chain, anvil, ada) -> Digest:
    return agreement_won(journal, wallet, chain, anvil, ada)


@pytest.fixture
def queued(context: Context, agreement: Digest) -> Digest:
    """Sliced and waiting for the printer."""
    folder = context.folder(agreement)
    folder.mkdir(parents=True)
    (folder / "part-0.gcode").write_bytes(GCODE_TEXT)
    facts = {"sha256": hashlib.sha256(GCODE_TEXT).hexdigest()}
    file_set(context.journal, agreement, 0, GCODE, FileRow("part-0.gcode", Digest(bytes(32)), facts))
    for status in (MakingStatus.FETCHED, MakingStatus.SLICED, MakingStatus.QUEUED):
        making_advance(context.journal, agreement, status)
    return agreement


@pytest.fixture
async def cleared(context: Context, queued: Digest) -> Digest:
    await produce(context, making(context, queued))
    return queued
