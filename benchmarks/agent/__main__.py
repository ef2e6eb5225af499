"""Measure how many agents one marketplace hears (`crowd`), and what one agent with many printers needs
(`fleet`); both, one after the other, where neither is named.

PostgreSQL is that of DATABASE_URL, as `python tools/postgres.py python -m benchmarks.agent` gives it. Exits 1
where a sample that was sent is not stored, or a ratio does not hold; times are only told.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from benchmarks.agent import fleet as one
from benchmarks.agent import hearing as all_of_them
from benchmarks.agent import writing
from benchmarks.follow.databases import postgres_database

AGENTS, PRINTERS_EACH, SECONDS, PROCESSES = 200, 10, 60.0, 2
PRINTERS = 50


@click.group(invoke_without_command=True)
@click.option("--docs", is_flag=True, help="Write docs/fleet.md and its chart.")
@click.pass_context
def main(context: click.Context, docs: bool) -> None:
    """Print what was measured, and what of the goals was missed."""
    if "DATABASE_URL" not in os.environ:
        raise click.ClickException(
            "there is no DATABASE_URL: run python tools/postgres.py python -m benchmarks.agent"
        )
    if context.invoked_subcommand is None:
        heard = _heard(AGENTS, PRINTERS_EACH, SECONDS, PROCESSES)
        found = _driven(PRINTERS)
        if docs:
            writing.docs(heard, found)
        _end(all_of_them.missed(heard) + one.missed(found))


@main.command()
@click.option("--agents", default=AGENTS, show_default=True)
@click.option(
    "--printers", default=PRINTERS_EACH, show_default=True, help="of each, each sampled once a second"
)
@click.option("--seconds", default=SECONDS, show_default=True)
@click.option("--processes", default=PROCESSES, show_default=True, help="web processes of the marketplace")
def crowd(agents: int, printers: int, seconds: float, processes: int) -> None:
    """Many agents report to one marketplace."""
    _end(all_of_them.missed(_heard(agents, printers, seconds, processes)))


@main.command()
@click.option("--printers", default=PRINTERS, show_default=True, type=click.IntRange(2))
def fleet(printers: int) -> None:
    """One agent drives many printers on one core."""
    _end(one.missed(_driven(printers)))


def _heard(agents: int, printers: int, seconds: float, processes: int) -> all_of_them.Hearing:
    with _place() as (folder, database):
        found = all_of_them.hearing(
            folder, database, agents=agents, printers=printers, seconds=seconds, processes=processes
        )
    click.echo("\n".join(all_of_them.told(found)))
    return found


def _driven(printers: int) -> one.Fleet:
    with _place() as (folder, database):
        found = one.fleet(folder, database, printers, lambda step: click.echo(f"{step} ...", err=True))
    click.echo("\n".join(one.told(found)))
    return found


@contextmanager
def _place() -> Iterator[tuple[Path, str]]:
    """A folder and an empty database."""
    with tempfile.TemporaryDirectory() as folder, postgres_database(os.environ["DATABASE_URL"]) as database:
        yield Path(folder), database


def _end(faults: list[str]) -> None:
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
