"""infill-agent: set up, run and look after a provider's printers."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from contracts.calls import Deposit
from protocol.errors import InfillError
from protocol.units import ZERO_ADDRESS, Address, Wei, ether_text, hex_of
from provider_agent.catching_up.whole import catch_up
from provider_agent.cli_backup import backup, restore
from provider_agent.cli_doctor import doctor
from provider_agent.cli_hot import purse_pass, use_pass
from provider_agent.cli_setup import set_up
from provider_agent.cli_shipping import measured, packed, shipped
from provider_agent.cli_spools import spool
from provider_agent.cli_status import status
from provider_agent.cli_unit import unit
from provider_agent.config import FILE, config_load, config_parse
from provider_agent.counter import Counter
from provider_agent.drivers import pairing_of
from provider_agent.drivers.virtual.__main__ import main as virtual_printer
from provider_agent.errors import WrongChain
from provider_agent.explaining import verdict_json, verdict_print
from provider_agent.files import file_write
from provider_agent.journal.attempts import plate_taken
from provider_agent.journal.bids import bids_for
from provider_agent.journal.facts import fact_set
from provider_agent.journal.store import journal_open, journal_read
from provider_agent.keystore import key_read, keystore_make, password_get
from provider_agent.lock import home_lock
from provider_agent.making.context import Context
from provider_agent.making.plate import RUNNING, cleared_name
from provider_agent.opening import home_made, logging_start, with_agent
from provider_agent.options import AddressType, EtherType, PrinterType
from provider_agent.printers import printers_register
from provider_agent.supervisor import JOURNAL, Supervisor
from provider_agent.template import Answers, PrinterAnswer, config_text
from provider_agent.watchdog import watchdog


class _Commands(click.Group):
    """Our errors are sentences for people: no traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InfillError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path.home() / ".infill-agent",
    envvar="INFILL_AGENT_HOME",
    show_default=True,
    help="where the agent's key, settings and journal are",
)
@click.pass_context
def main(ctx: click.Context, home: Path) -> None:
    """Offer your 3D printers on Infill: bid, print what is funded, be paid."""
    ctx.obj = home


@main.command()
@click.option("--marketplace", required=True, prompt="Address of the marketplace")
@click.option("--rpc-url", required=True, prompt="Address of your Ethereum node")
@click.option("--chain-id", required=True, type=int, prompt="Chain id")
@click.option("--escrow", required=True, type=AddressType(), prompt="Address of the PrintEscrow contract")
@click.option("--arbiter", "arbiters", multiple=True, type=AddressType(), help="whom you trust; repeatable")
@click.option("--machine-hour", type=EtherType(), default="0.0005", show_default=True)
@click.option("--gram", type=EtherType(), default="0.00001", show_default=True)
@click.option("--setup", type=EtherType(), default="0.0001", show_default=True, help="of each print")
@click.option("--minimum", type=EtherType(), default="0.0005", show_default=True, help="of a job")
@click.option("--bond", type=EtherType(), default="0", show_default=True, help="yours, locked per agreement")
@click.option("--printer", "printers", multiple=True, type=PrinterType(), help=PrinterType.__doc__)
@click.option(
    "--key-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="hex key to import"
)
@click.pass_obj
def init(home: Path, /, key_file: Path | None, printers: tuple[PrinterAnswer, ...], **answers: Any) -> None:
    """Make the agent's key and its agent.toml. Prints the address, to be given ether for gas."""
    text = config_text(Answers(printers=printers, **answers))
    config_parse(text)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = key_read(key_file) if key_file else None
    address = keystore_make(home, password_get(confirm=True), key)
    if not (home / FILE).exists():
        file_write(home / FILE, text.encode())
    click.echo(
        f"made {home}: read {FILE}, send ether for gas to this address, then register and run", err=True
    )
    click.echo(address)


@main.command()
@click.pass_obj
def register(home: Path) -> None:
    """Sign in at the marketplace and register the printers of agent.toml."""
    logging_start()
    with home_lock(home_made(home)):
        names = asyncio.run(with_agent(home, _register))
    click.echo(f"registered: {', '.join(names) or 'no printer'}")
    if not names:
        sys.exit(1)


@main.command()
@click.pass_obj
def run(home: Path) -> None:
    """Bid, print, deliver, be paid, until stopped. May be killed at any time: it resumes where it was."""
    logging_start()
    with home_lock(home_made(home)):
        try:
            asyncio.run(with_agent(home, _supervise))
        except asyncio.CancelledError:
            click.echo("stopped", err=True)
        except BaseExceptionGroup as group:
            wrong = group.subgroup(WrongChain)
            if wrong is None:
                raise
            raise wrong.exceptions[0] from None


@main.command()
@click.argument("amount", type=EtherType())
@click.pass_obj
def deposit(home: Path, amount: Wei) -> None:
    """Prepay AMOUNT ether into the escrow, from which bonds are taken."""
    logging_start()
    with home_lock(home_made(home)):
        free = asyncio.run(with_agent(home, lambda context: _deposit(context, amount)))
    click.echo(f"free for bonds: {ether_text(free)}")


@main.command()
@click.argument("printer")
@click.pass_obj
def clear(home: Path, printer: str) -> None:
    """Record that you have done what the agent asks at PRINTER, its plate emptied or another filament loaded:
    the next print may start."""
    config_load(home).printer(printer)
    journal_read(home / JOURNAL).close()
    journal = journal_open(home / JOURNAL)
    taken = plate_taken(journal, printer)
    if taken is not None and taken.status in RUNNING:
        raise click.ClickException(f"{printer} is printing {taken.id}: wait until it is done")
    fact_set(journal, cleared_name(printer), "yes")
    journal.close()
    click.echo(f"{printer}: recorded; the agent goes on within seconds")


@main.command()
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.pass_obj
def explain(home: Path, job: str, as_json: bool) -> None:
    """Show how the price for JOB came about, or why there is none: of a bid as it was made, else of one made
    now."""
    config_load(home)
    journal = journal_open(home / JOURNAL)
    made = next((row for row in bids_for(journal, job) if row.verdict), None)
    journal.close()
    if made is None or made.verdict is None:
        found = asyncio.run(with_agent(home, lambda context: _weigh(context, job)))
    else:
        ending = f", {made.reason}" if made.reason else ""
        found = {**made.verdict, "bid": hex_of(made.agreement), "status": f"{made.status}{ending}"}
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    verdict_print(found, Console())
    if "bid" in found:
        click.echo(f"bid {found['bid']}: {found['status']}")


@main.command()
@click.argument("driver")
@click.argument("url")
def pair(driver: str, url: str) -> None:
    """Ask the printer at URL for the setting of agent.toml that it gives by itself: OctoPrint for a key, once
    its owner has said yes there; a Bambu printer for its certificate."""
    pairing = pairing_of(driver)
    if pairing is None:
        raise click.ClickException(f"{driver} gives nothing by itself: take what it needs from its own pages")
    setting, ask = pairing
    click.echo(f"asking {url} ...", err=True)
    click.echo(f"{setting} = {json.dumps(asyncio.run(_answer(ask(url))))}")


main.add_command(virtual_printer, "virtual-printer")
main.add_command(set_up)
main.add_command(spool)
main.add_command(measured)
main.add_command(packed)
main.add_command(shipped)
main.add_command(purse_pass)
main.add_command(use_pass)
main.add_command(backup)
main.add_command(restore)
main.add_command(doctor)
main.add_command(status)
main.add_command(unit)


async def _answer(question: Awaitable[str]) -> str:
    return await question


async def _register(context: Context) -> list[str]:
    await context.chain.check()
    rows = await printers_register(context)
    return [row.profile.serial for row in rows]


async def _weigh(context: Context, identity: str) -> dict[str, Any]:
    await context.chain.check()
    counter, job = Counter(context), await context.marketplace.job(identity)
    now = await counter.now()
    return verdict_json(job, await counter.weigh(job, now), now=now)


async def _supervise(context: Context) -> None:
    logging.getLogger(__name__).info(
        "provider %s with %s",
        context.wallet.provider,
        ", ".join(printer.serial for printer in context.fleet.all()) or "no printer",
    )
    async with watchdog():
        await catch_up(context)
        await Supervisor(context).run()


async def _deposit(context: Context, amount: Wei) -> Wei:
    await context.chain.check()
    owner: Address = context.wallet.provider
    data = Deposit(ZERO_ADDRESS, owner, amount).data
    await context.wallet.perform("deposit", None, data, value=amount)
    return (await context.chain.account(owner)).free
