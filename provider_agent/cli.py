"""infill-agent: set up, run and look after a provider's printers."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from contracts.calls import Deposit
from protocol.errors import InfillError
from protocol.units import ZERO_ADDRESS, Address, Wei, ether_text
from provider_agent.config import FILE, config_load, config_parse
from provider_agent.drivers import pairing_of
from provider_agent.drivers.virtual.__main__ import main as virtual_printer
from provider_agent.errors import HomeMissing, WrongChain
from provider_agent.files import file_write
from provider_agent.journal.attempts import plate_taken
from provider_agent.journal.facts import fact_set
from provider_agent.journal.store import journal_open, journal_read
from provider_agent.keystore import keystore_address, keystore_make, keystore_unlock, password_get
from provider_agent.lock import home_lock
from provider_agent.making.context import Context
from provider_agent.making.plate import RUNNING, cleared_name
from provider_agent.options import AddressType, EtherType, PrinterType
from provider_agent.printers import printers_register
from provider_agent.status import status_print, status_read
from provider_agent.supervisor import JOURNAL, Supervisor, context_open
from provider_agent.template import Answers, PrinterAnswer, config_text


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
    key = bytes.fromhex(key_file.read_text().strip().removeprefix("0x")) if key_file else None
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
    _logging()
    with home_lock(_made(home)):
        names = asyncio.run(_with_agent(home, _register))
    click.echo(f"registered: {', '.join(names) or 'no printer'}")
    if not names:
        sys.exit(1)


@main.command()
@click.pass_obj
def run(home: Path) -> None:
    """Bid, print, deliver, be paid, until stopped. May be killed at any time: it resumes where it was."""
    _logging()
    with home_lock(_made(home)):
        try:
            asyncio.run(_with_agent(home, _supervise))
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
    _logging()
    with home_lock(_made(home)):
        free = asyncio.run(_with_agent(home, lambda context: _deposit(context, amount)))
    click.echo(f"free for bonds: {ether_text(free)}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.pass_obj
def status(home: Path, as_json: bool) -> None:
    """Show makings, bids, printers, reservations and earnings; a running agent is not disturbed."""
    config, address = config_load(home), keystore_address(home)
    journal = journal_read(home / JOURNAL)
    found = asyncio.run(status_read(journal, config, address))
    journal.close()
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        status_print(found, Console())


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


def _made(home: Path) -> Path:
    if not home.is_dir():
        raise HomeMissing(f"there is no {home}: make it with `infill-agent --home {home} init`")
    return home


def _logging() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr
    )
    logging.getLogger("web3").setLevel(logging.WARNING)


async def _with_agent(home: Path, work: Any) -> Any:
    """Unlock the key, open all parts, do the work; SIGTERM ends it as Ctrl-C does."""
    config = config_load(home)
    account = keystore_unlock(home, password_get())
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with AsyncExitStack() as stack:
        return await work(await context_open(stack, home, config, account))


async def _answer(question: Awaitable[str]) -> str:
    return await question


async def _register(context: Context) -> list[str]:
    await context.chain.check()
    rows = await printers_register(
        context.fleet,
        context.journal,
        context.marketplace,
        wallet=context.wallet,
        domain=context.chain.infill,
    )
    return [row.profile.serial for row in rows]


async def _supervise(context: Context) -> None:
    logging.getLogger(__name__).info(
        "provider %s with %s",
        context.wallet.address,
        ", ".join(printer.serial for printer in context.fleet.all()) or "no printer",
    )
    await Supervisor(context).run()


async def _deposit(context: Context, amount: Wei) -> Wei:
    await context.chain.check()
    owner: Address = context.wallet.address
    data = Deposit(ZERO_ADDRESS, owner, amount).data
    await context.wallet.perform("deposit", None, data, value=amount)
    return (await context.chain.account(owner)).free
