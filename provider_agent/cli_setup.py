"""infill-agent setup: from nothing to listed."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from protocol.capability import Material
from protocol.units import Address
from provider_agent.config import FILE
from provider_agent.options import AddressType, EtherType, MaterialsType, UrlType
from provider_agent.setup.asking import Asker
from provider_agent.setup.flow import PRICES, Given, setup
from provider_agent.setup.options import At, AtType


@click.command("setup")
@click.option("--yes", is_flag=True, help="ask nothing: take options, then defaults")
@click.option("--marketplace", type=UrlType(), help="its address")
@click.option("--rpc-url", type=UrlType(), help="of your own Ethereum node")
@click.option("--printer", "printers", multiple=True, type=AtType(), help=AtType.__doc__)
@click.option(
    "--material", "materials", multiple=True, help="of every printer, like PLA:black/white; repeatable"
)
@click.option("--machine-hour", type=EtherType())
@click.option("--gram", type=EtherType())
@click.option("--setup", type=EtherType(), help="of each print")
@click.option("--minimum", type=EtherType(), help="of a job")
@click.option("--bond", type=EtherType(), default="0", show_default=True, help="yours, locked per agreement")
@click.option(
    "--arbiter",
    "arbiters",
    multiple=True,
    type=AddressType(),
    help="whom you trust, instead of all the marketplace's; repeatable",
)
@click.option("--no-arbiter", is_flag=True, help="bid without an arbiter")
@click.option(
    "--key-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="hex key to import"
)
@click.pass_obj
def set_up(
    home: Path,
    /,
    *,
    yes: bool,
    printers: tuple[At, ...],
    materials: tuple[str, ...],
    arbiters: tuple[Address, ...],
    no_arbiter: bool,
    **told: Any,
) -> None:
    """Find your printers, ask what is needed, make key and agent.toml, list the printers, and show what the
    agent would bid.

    Run it again at any time: it keeps what is there and does what is left. The key's password is asked for,
    or read from the file that INFILL_AGENT_PASSWORD_FILE names.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    given = Given(
        arbiters=() if no_arbiter else arbiters or None,
        printers=printers,
        materials=_materials(materials),
        prices={name: told.pop(name) for name, _, _ in PRICES},
        **told,
    )
    try:
        setup(home, given, Asker(yes=yes), command=_command(home))
    except (click.Abort, KeyboardInterrupt, asyncio.CancelledError) as error:
        left = "what is written stays: run this again" if (home / FILE).exists() else "nothing was written"
        raise click.ClickException(f"stopped; {left}") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or home}: {error.strerror or error}") from error


def _materials(told: tuple[str, ...]) -> tuple[Material, ...] | None:
    return MaterialsType().convert(" ".join(told), None, None) if told else None


def _command(home: Path) -> str:
    """How to call the agent for this home: as now."""
    source = click.get_current_context().find_root().get_parameter_source("home")
    return f"infill-agent --home {home}" if source is ParameterSource.COMMANDLINE else "infill-agent"
