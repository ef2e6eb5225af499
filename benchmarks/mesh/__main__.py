"""Read, measure, estimate and draw models of 1,000, 100,000 and a million facets, as the product does, beside
trimesh, `prusa-slicer --info` and a slice, in one run.

Seconds are the processor's, as the clock counts what else the machine does. `--folder` measures your own
models beside, `--docs` writes docs/measuring.md with its chart. Exits 1 where a ratio is too large: of ours
to another program's, or of a facet's share at a million facets to that at 100,000.
"""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import click

from benchmarks.mesh import goals, writing
from benchmarks.mesh.running import SIZES, made_rows, own_rows


@click.command()
@click.option("--largest", default=SIZES[-1], show_default=True, help="Leave out models of more facets.")
@click.option(
    "--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Your own models."
)
@click.option("--docs", is_flag=True, help="Write docs/measuring.md and its chart.")
def main(largest: int, folder: Path | None, docs: bool) -> None:
    """Print what each model takes, and what of the goals was missed."""
    click.echo("\n".join(writing.heads()))
    rows = []
    for row in chain(made_rows(largest), own_rows(folder) if folder else ()):
        click.echo(writing.line(row))
        rows.append(row)
    click.echo("\n".join(writing.last_lines(rows)))
    if docs:
        writing.docs(rows)
    if faults := goals.missed(rows):
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
