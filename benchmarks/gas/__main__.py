"""Measure the contracts' gas and print it; with --write, renew what is committed of it."""

import click

from benchmarks.gas.measure import Figures, measure
from benchmarks.gas.pages import pages_write
from benchmarks.gas.snapshot import RENEW, differences, snapshot_read, snapshot_write
from benchmarks.gas.tables import cases_table, floor_table, goals_table, peers_table


@click.command()
@click.option("--write", is_flag=True, help="Renew the snapshot, docs/gas.md and the gas of docs/operations.")
def main(write: bool) -> None:
    """Measure and print."""
    figures = measure()
    for table in (cases_table, floor_table, goals_table, peers_table):
        click.echo(f"{table(figures)}\n")
    if write:
        snapshot_write(figures)
        pages_write(figures)
        click.echo("The snapshot and the pages are as measured.")
    else:
        _compare(figures)


def _compare(figures: Figures) -> None:
    found = differences(figures, snapshot_read())
    click.echo("\n".join([*found, RENEW]) if found else "All as in the snapshot, or at most 1 % cheaper.")


if __name__ == "__main__":
    main()
