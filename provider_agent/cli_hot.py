"""infill-agent purse-pass and use-pass: an agent that holds a hot key alone, its purse cold."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import click

from contracts.calls import SetAgent
from protocol.typed import infill_domain
from protocol.units import ZERO_ADDRESS, Address, Wei, ether_text, time_of
from provider_agent.config import config_load
from provider_agent.errors import PassRefused
from provider_agent.files import file_write
from provider_agent.journal.facts import TOKEN, fact
from provider_agent.journal.store import journal_open
from provider_agent.keystore import keystore_address
from provider_agent.lock import home_lock
from provider_agent.making.context import Context
from provider_agent.opening import home_made, logging_start, with_agent
from provider_agent.options import AddressType, EtherType
from provider_agent.passes import Pass, pass_check, pass_read, pass_use
from provider_agent.printers import printers_register
from provider_agent.supervisor import JOURNAL

DAY = 24 * 60 * 60

ONLY_THE_PURSE = """\
This key bids, signs evidence, delivers, claims, ends silent disputes and deposits, and pays the gas of that.
The purse alone: setAgent (renew this key, or revoke it with --days 0), bumpEpoch (withdraw all bids), giveUp,
cancel, settle, withdraw; and a new pass when this one ends."""


@click.command("purse-pass")
@click.argument("key", type=AddressType())
@click.option("--days", type=click.IntRange(0, 30), default=14, show_default=True, help="0 revokes the key")
@click.option(
    "--bond", type=EtherType(), default="0", show_default=True, help="of all bids it signs, at most"
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("pass.json"))
@click.pass_obj
def purse_pass(home: Path, key: Address, days: int, bond: Wei, out: Path) -> None:
    """At the purse: let the hot KEY bid and deliver, and write the pass that its agent needs.

    agent.toml here must name the same marketplace, chain and printers as there.
    """
    logging_start()
    until = int(time.time()) + days * DAY if days else 0
    with home_lock(home_made(home)):
        made = asyncio.run(with_agent(home, lambda context: _pass_make(context, key, until, bond)))
    if not days:
        click.echo(f"{key} is revoked: its bids that are not awarded are dead")
        return
    file_write(out, json.dumps(made.to_json(), indent=2).encode())
    click.echo(
        f"{key} may sign until {time_of(until):%d %b %Y %H:%M} UTC, bonds of {ether_text(bond)} in all"
    )
    click.echo(f"take {out} to its agent and run `infill-agent use-pass {out.name}` there; it is secret")


@click.command("use-pass")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def use_pass(home: Path, file: Path) -> None:
    """At the agent: take over what its purse gave this home's key."""
    config, key = config_load(home), keystore_address(home)
    with home_lock(home_made(home)):
        found = pass_read(file.read_text(), infill_domain(config.chain.chain_id, config.chain.escrow))
        serials = [printer.serial for printer in config.printers]
        pass_check(
            found, provider=config.chain.provider, key=key, url=config.marketplace.url, serials=serials
        )
        journal = journal_open(home / JOURNAL)
        pass_use(journal, found)
        journal.close()
    click.echo(f"{key} works for {found.provider} until {time_of(found.until):%d %b %Y %H:%M} UTC")
    click.echo(ONLY_THE_PURSE)


async def _pass_make(context: Context, key: Address, until: int, bond: Wei) -> Pass:
    if context.wallet.hot or key == context.wallet.address:
        raise PassRefused("a pass is made where the purse's key is, for another key")
    await context.chain.check()
    if not until:
        await _set_agent(context, key, 0, Wei(0))
        return Pass(context.wallet.address, key, 0, {}, ())
    rows = await printers_register(context)
    await context.marketplace.headers(fresh=True)
    token = json.loads(fact(context.journal, TOKEN) or "{}")
    await _set_agent(context, key, until, bond)
    return Pass(context.wallet.address, key, until, token, tuple(rows))


async def _set_agent(context: Context, key: Address, until: int, bond: Wei) -> None:
    data = SetAgent(ZERO_ADDRESS, key, until, bond).data
    if not await context.wallet.perform("set agent", None, data):
        raise PassRefused("the transaction that sets the key was mined without effect: try again")
