"""infill-agent unit."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from provider_agent.unit import unit_text


@click.command()
@click.option("--user", default="infill-agent", show_default=True, help="the system user it runs as")
@click.option(
    "--program",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="the installed infill-agent; this one by default",
)
def unit(user: str, program: Path | None) -> None:
    """Print a systemd unit that runs the agent, hardened."""
    chosen = program or Path(shutil.which(sys.argv[0]) or sys.argv[0])
    click.echo(unit_text(chosen.absolute(), user=user), nl=False)
