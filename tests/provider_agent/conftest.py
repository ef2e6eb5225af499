"""A journal, and an agent's parts around it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from contracts.artifacts import Deployment
from protocol.units import address_of
from provider_agent.chain import Chain
from provider_agent.config import ChainConfig
from provider_agent.journal.store import Journal, journal_open
from provider_agent.wallet import Wallet
from tests.anvil import Anvil
from tests.provider_agent.bench import Bench, workshop
from tests.provider_agent.market import Market, running


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
