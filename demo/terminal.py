"""How the demo speaks: numbered steps, what happened, where to look, and pictures of characters."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.style import Style
from rich.table import Table
from rich.text import Text

PICTURE_COLUMNS = 56
PIPE_COLUMNS = 120
_UPPER_HALF = "▀"


class Terminal:
    """A console with a story's steps. Times are seconds since the first step."""

    def __init__(self) -> None:
        # A pipe has no width; a narrow guess would break addresses in two.
        width = None if sys.stdout.isatty() else PIPE_COLUMNS
        self.console = Console(highlight=False, width=width)
        self._began = time.monotonic()
        self._step = 0

    def title(self, text: str) -> None:
        """The headline."""
        self.console.rule(f"[bold]{text}")

    def step(self, text: str) -> None:
        """Begin the next step of the story."""
        self._step += 1
        self.console.print(f"\n[bold cyan]{self._step:>2}[/] [bold]{text}[/]")

    def say(self, text: str) -> None:
        """What happened."""
        self.console.print(f"   {text}")

    def look(self, where: str) -> None:
        """Where to see it."""
        self.console.print(f"   [dim]look:[/] [blue]{where}[/]", soft_wrap=True)

    def warn(self, text: str) -> None:
        """Something to know that is not the story."""
        self.console.print(f"   [yellow]! {text}[/]")

    def refused(self, text: str) -> None:
        """Something that had to be refused, and was."""
        self.console.print(f"   [green]refused, as it must be:[/] {text}")

    def table(self, columns: list[str], rows: list[list[str]]) -> None:
        """Rows under headings; numbers right."""
        table = Table(box=None, padding=(0, 2, 0, 3), header_style="dim")
        for column in columns:
            table.add_column(column)
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    def picture(self, png: bytes) -> None:
        """A PNG in half-block characters, where the terminal has colours."""
        if not self.console.is_terminal:
            return
        image = Image.open(BytesIO(png)).convert("RGB")
        rows = 2 * round(PICTURE_COLUMNS * image.height / image.width / 2)
        small = image.resize((PICTURE_COLUMNS, rows), Image.Resampling.LANCZOS)
        for y in range(0, rows, 2):
            line = Text("   ")
            for x in range(PICTURE_COLUMNS):
                line.append(_UPPER_HALF, Style(color=_rgb(small, x, y), bgcolor=_rgb(small, x, y + 1)))
            self.console.print(line)

    @contextmanager
    def progress(self, text: str) -> Iterator[Progress]:
        """A bar, for work that takes seconds."""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(32), TimeElapsedColumn())
        with Progress(TextColumn("  "), *columns, console=self.console, transient=True) as progress:
            progress.add_task(text, total=1.0)
            yield progress


def _rgb(image: Image.Image, x: int, y: int) -> str:
    red, green, blue = image.getpixel((x, y))  # type: ignore[misc]
    return f"rgb({red},{green},{blue})"
