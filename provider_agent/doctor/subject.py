"""Whom the checks look at: an agent's parts, opened for reading."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from protocol.units import Address
from provider_agent.chain import Chain
from provider_agent.config import Config
from provider_agent.fleet import Fleet
from provider_agent.journal.store import Journal, journal_read
from provider_agent.json_client import JsonClient
from provider_agent.printers import fleet_of
from provider_agent.supervisor import JOURNAL


@dataclass(frozen=True)
class Subject:
    """`key` is the home's own address; `journal` None where there is none, or none that can be read."""

    home: Path
    config: Config
    key: Address
    journal: Journal | None
    chain: Chain
    client: JsonClient
    fleet: Fleet

    @property
    def provider(self) -> Address:
        """Whom the agent works for: itself, or the purse of its hot key."""
        return self.config.chain.provider or self.key

    @property
    def hot(self) -> bool:
        """Whether the purse is elsewhere."""
        return self.provider != self.key


@asynccontextmanager
async def subject_open(home: Path, config: Config, key: Address, *, journal: bool) -> AsyncIterator[Subject]:
    """Open what the checks ask; without `journal` that is left out."""
    async with AsyncExitStack() as stack:
        kept = journal_read(home / JOURNAL) if journal else None
        if kept is not None:
            stack.callback(kept.close)
        chain = Chain(config.chain)
        stack.push_async_callback(chain.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        fleet = fleet_of(config)
        stack.push_async_callback(fleet.close)
        client = JsonClient(config.marketplace.url, session)
        yield Subject(home, config, key, kept, chain, client, fleet)
