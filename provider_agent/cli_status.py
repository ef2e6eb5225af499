"""infill-agent status."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.live import Live

from protocol.units import Address
from provider_agent.board.drawing import board_draw
from provider_agent.board.reading import board_read
from provider_agent.chain import Chain
from provider_agent.config import Config, config_load
from provider_agent.fleet import Fleet
from provider_agent.journal.store import Journal, journal_read
from provider_agent.keystore import keystore_address
from provider_agent.printers import fleet_of
from provider_agent.supervisor import JOURNAL

WATCH_SECONDS = 2.0

Parts = tuple[Journal, Config, Address, Chain, Fleet]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.option("--watch", is_flag=True, help="stay and follow, until Ctrl-C; once where there is no terminal")
@click.pass_obj
def status(home: Path, as_json: bool, watch: bool) -> None:
    """Show printers, agreements, money, bids, spools and what waits for you, beside a running agent."""
    console = Console()
    if as_json or not (watch and console.is_terminal):
        found = asyncio.run(_once(home))
        if as_json:
            click.echo(json.dumps(found, indent=2))
        else:
            # Whoever copies a command out of a line must find it whole.
            console.print(board_draw(found), soft_wrap=True)
        return
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_watch(home, console))


async def _once(home: Path) -> dict[str, Any]:
    async with _opened(home) as parts:
        return await board_read(*parts)


async def _watch(home: Path, console: Console) -> None:
    async with _opened(home) as parts:
        first = board_draw(await board_read(*parts))
        with Live(first, console=console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(board_draw(await board_read(*parts)), refresh=True)
                await asyncio.sleep(WATCH_SECONDS)


@asynccontextmanager
async def _opened(home: Path) -> AsyncIterator[Parts]:
    """The journal for reading, and what asks node and printers."""
    config, key = config_load(home), keystore_address(home)
    async with AsyncExitStack() as stack:
        journal = journal_read(home / JOURNAL)
        stack.callback(journal.close)
        chain, fleet = Chain(config.chain), fleet_of(config)
        stack.push_async_callback(chain.close)
        stack.push_async_callback(fleet.close)
        yield journal, config, key, chain, fleet
