"""infill-agent spool: what material there is, on which spools."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table

from protocol.units import Wei, ether_text
from provider_agent.config import config_load
from provider_agent.journal.facts import fact_set
from provider_agent.journal.spools import (
    spool_add,
    spool_find,
    spool_load,
    spool_remove,
    spool_weigh,
    spools,
    stock_kept,
)
from provider_agent.journal.store import Journal, journal_open
from provider_agent.making.plate import loaded_name
from provider_agent.options import EtherType
from provider_agent.slicing.materials import MATERIALS
from provider_agent.stock import Spool
from provider_agent.supervisor import JOURNAL

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
HEAVIEST_G = 50_000


class GramsType(click.ParamType[int]):
    """Grams, like 742.5; kept as milligrams."""

    name = "GRAMS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Milligrams."""
        if isinstance(value, int):
            return value
        try:
            grams = Decimal(value)
        except InvalidOperation:
            self.fail(f"{value!r} is no weight; write grams like 742.5", param, ctx)
        if not grams.is_finite() or not 0 <= grams <= HEAVIEST_G:
            self.fail(f"{value!r} is no weight from 0 to {HEAVIEST_G} g", param, ctx)
        return int(grams * 1000)


@click.group()
def spool() -> None:
    """Keep a stock of material. Without any spool the stock is not limited."""


@spool.command()
@click.argument("identity", metavar="ID")
@click.argument("material", type=click.Choice(sorted(MATERIALS)))
@click.argument("colour")
@click.argument("grams", type=GramsType())
@click.option("--lot", default="", help="the maker's lot; goes into the evidence of what is printed off it")
@click.option("--gram", type=EtherType(), help="price of a gram off this spool, instead of the policy's")
@click.pass_obj
def add(
    home: Path, *, identity: str, material: str, colour: str, grams: int, lot: str, gram: Wei | None
) -> None:
    """Add a spool with GRAMS on it, to the shelf."""
    if not _ID.fullmatch(identity):
        raise click.ClickException(
            f"{identity!r} is no id: write letters, digits, dots and dashes, 32 at most"
        )
    if not grams or not colour.strip() or max(len(colour), len(lot)) > 64:
        raise click.ClickException("a spool has something on it, a colour, and at most 64 letters of each")
    with _journal(home) as journal:
        spool_add(journal, identity, material=material, colour=colour, lot=lot, left_mg=grams, gram_wei=gram)
    click.echo(f"{identity}: {grams / 1000:g} g {material} {colour} on the shelf")


@spool.command("list")
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.pass_obj
def list_(home: Path, as_json: bool) -> None:
    """Show what is left on each spool, and how much of it is promised."""
    with _journal(home) as journal:
        found, kept = spools(journal), stock_kept(journal)
    if as_json:
        click.echo(json.dumps([_json(one) for one in found], indent=2))
    elif found:
        _print(found, Console())
    else:
        click.echo("every spool is empty" if kept else "no spools are kept: the stock is not limited")


@spool.command()
@click.argument("identity", metavar="ID")
@click.argument("printer")
@click.pass_obj
def load(home: Path, identity: str, printer: str) -> None:
    """Say that a spool is on PRINTER now; the one before goes to the shelf."""
    entry = config_load(home).printer(printer)
    with _journal(home) as journal, journal.atomic():
        spool_load(journal, identity, printer, alone=not entry.auto_load)
        found = spool_find(journal, identity)
        fact_set(journal, loaded_name(printer), f"{found.material} {found.colour}")
    click.echo(f"{identity}: on {printer}")


@spool.command()
@click.argument("identity", metavar="ID")
@click.argument("grams", type=GramsType())
@click.pass_obj
def weigh(home: Path, identity: str, grams: int) -> None:
    """Say that GRAMS are left on a spool."""
    with _journal(home) as journal:
        spool_weigh(journal, identity, grams)
    click.echo(f"{identity}: {grams / 1000:g} g left")


@spool.command()
@click.argument("identity", metavar="ID")
@click.pass_obj
def empty(home: Path, identity: str) -> None:
    """Say that nothing is left on a spool."""
    with _journal(home) as journal:
        spool_weigh(journal, identity, 0)
    click.echo(f"{identity}: empty")


@spool.command()
@click.argument("identity", metavar="ID")
@click.pass_obj
def remove(home: Path, identity: str) -> None:
    """Forget a spool that was added by mistake."""
    with _journal(home) as journal:
        spool_remove(journal, identity)
    click.echo(f"{identity}: forgotten")


@contextmanager
def _journal(home: Path) -> Iterator[Journal]:
    config_load(home)
    journal = journal_open(home / JOURNAL)
    try:
        yield journal
    finally:
        journal.close()


def _json(one: Spool) -> dict[str, Any]:
    return {
        "id": one.id,
        "material": one.material,
        "colour": one.colour,
        "lot": one.lot,
        "left_mg": one.left_mg,
        "promised_mg": one.held_mg,
        "gram_wei": None if one.gram_wei is None else str(one.gram_wei),
        "printer": one.printer or None,
    }


def _print(found: list[Spool], console: Console) -> None:
    table = Table("spool", "material", Column("left", justify="right"), Column("promised", justify="right"))
    for name in ("where", "lot", "a gram"):
        table.add_column(name)
    for one in found:
        table.add_row(
            one.id,
            f"{one.material} {one.colour}",
            f"{one.left_mg / 1000:.1f} g",
            f"{one.held_mg / 1000:.1f} g",
            one.printer or "shelf",
            one.lot,
            "by policy" if one.gram_wei is None else ether_text(one.gram_wei),
        )
    console.print(table)
