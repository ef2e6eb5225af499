"""python -m provider_agent.drivers.virtual --home DIR --port N --speed-up X [NAME...]"""

from __future__ import annotations

from pathlib import Path

import click

from protocol.errors import InfillError
from provider_agent.drivers.virtual.server import serve


@click.command()
@click.option(
    "--home", required=True, type=click.Path(file_okay=False, path_type=Path), help="printers' folder"
)
@click.option("--port", default=0, show_default=True, help="0 takes a free port and says which")
@click.option("--speed-up", default=1.0, show_default=True, type=click.FloatRange(0.01, 1e6))
@click.argument("names", nargs=-1)
def main(home: Path, port: int, speed_up: float, names: tuple[str, ...]) -> None:
    """Host virtual printers: those named, or every folder of HOME with a printer.toml."""
    try:
        serve(home, port, speed_up, names)
    except InfillError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m provider_agent.drivers.virtual")
