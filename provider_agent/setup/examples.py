"""Three jobs that nobody posted, for a provider to see what the policy does with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from protocol.capability import ANY_COLOUR, SizeUm, box_text
from protocol.jobspec import JobSpec, Part, job_digest
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Address, time_of
from provider_agent.bidding import Decline, OpenJob, Terms, Verdict
from provider_agent.pricing import HOUR

DAYS: Final = 7 * 24 * HOUR
ETHER: Final = 10**18
DIGITS: Final = 6
"""Of an amount in the table: what is smaller changes nobody's mind."""


@dataclass(frozen=True)
class Example:
    """A job of one part: its box and copies, and the volume and surface of a copy in mm^3 and mm^2."""

    title: str
    size_um: SizeUm
    volume_mm3: int
    area_mm2: int
    copies: int = 1

    @property
    def text(self) -> str:
        """What is to be made, for people."""
        return f"{f'{self.copies} of ' if self.copies > 1 else ''}{box_text(self.size_um)}"


EXAMPLES: Final = (
    Example("small bracket", (60_000, 40_000, 30_000), 14_000, 9_000),
    Example("four cases", (120_000, 80_000, 40_000), 55_000, 48_000, copies=4),
    Example("big planter", (240_000, 230_000, 200_000), 900_000, 330_000),
)


def example_job(example: Example, material: str, now: int) -> OpenJob:
    """The example as a job for prints in any colour of a material, due in a week. `now` in epoch seconds."""
    part = Part(
        name=example.title,
        model=ZERO_DIGEST,
        bytes=1,
        copies=example.copies,
        volume_mm3=example.volume_mm3,
        area_mm2=example.area_mm2,
        size_um=example.size_um,
        triangles=1,
        material=material,
        colour=ANY_COLOUR,
        layer_um=200,
        infill_percent=20,
    )
    spec = JobSpec(
        title=example.title,
        designer=Address(ZERO_ADDRESS),
        parts=(part,),
        tolerance="standard",
        quantity=1,
        deadline=now + DAYS,
        sampling="each",
        photos=(),
        ship_to_zone="anywhere",
        licence="one set",
    )
    return OpenJob(f"example-{example.title}", spec, ZERO_DIGEST, job_digest(spec, ZERO_DIGEST), None)


def examples_print(weighed: Sequence[tuple[Example, Verdict]], material: str, console: Console) -> None:
    """A table of what would be bid for each example, and why or why not."""
    table = Table(
        "example",
        Column("your bid", justify="right"),
        "why",
        title=f"What you would bid, were these jobs in {material} posted now",
        title_justify="left",
        show_lines=True,
    )
    for example, verdict in weighed:
        bid, why = _answer(verdict.decision)
        table.add_row(Text(f"{example.title}\n{example.text}"), bid, Text(why))
    console.print(table, highlight=False)


def _answer(decision: Decline | Terms) -> tuple[str, str]:
    if isinstance(decision, Decline):
        return "no bid", decision.reason
    ready = f"{time_of(decision.ends_at):%a %H:%M} UTC"
    lines = [f"{_short(line.wei)} {line.what}" for line in decision.price.lines if _short(line.wei) != "0"]
    about = f"{decision.serial}, {decision.seconds / HOUR:.1f} h of printing, ready {ready}"
    return f"{_short(decision.price.price)} ETH", "\n".join((about, *lines))


def _short(wei: int) -> str:
    shown = f"{wei / ETHER:.{DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown
