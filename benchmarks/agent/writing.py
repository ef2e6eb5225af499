"""docs/fleet.md and its chart."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.agent import fleet as one
from benchmarks.agent import hearing as all_of_them
from benchmarks.agent.fleet import MOST_GETS, MOST_MEMORY, MOST_OF_CORE, Fleet, Use
from benchmarks.agent.hearing import GOAL_MS, MOST_INSERTS, Hearing
from benchmarks.agent.workshop import GRACE_S, SPEED_UP

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
CHART: Final = "images/fleet.png"
BLUE, GREY, RED = "#3367b1", "#b9c4d6", "#c0562f"
PAGE: Final = """# Fleets

How many printers one agent drives, and how many agents one marketplace hears. Written by
`python tools/postgres.py python -m benchmarks.agent --docs` on {day}, on {machine}, {cores} cores,
with a load of {load} when it was written. It fails where a sample that was sent is not stored or a ratio
does not hold; times are only told, as they are the machine's.

## One agent

`infill-agent run`, alone on one core, with {printers} virtual printers that it asks by HTTP once a
second. The printers (at {speed_up} times the speed of real ones), the marketplace's web process,
worker, beat and follower, and Anvil share the other cores; PostgreSQL takes what it finds. {jobs} jobs
for one cube of 30 mm each are posted, the first {alone} each when the one before has its bid, the others
as fast as they are taken, and all are awarded at once.

| the agent | of its core | ms a printer and second | MB | samples stored a second |
|---|---:|---:|---:|---:|
{uses}

A printer more takes {memory:.0f} KB of memory. What is asked of an idle printer, checked and sent costs
{gets:.1f} bare requests for the same snapshot, by the same client library in the same run ({bare:.2f}
ms each).

| seconds | half | 95 % | all |
|---|---:|---:|---:|
{times}

An award waits until its block is final (Anvil: a block a second, final two blocks later) and its grace
time of {grace} s is over; then the marketplace releases the model. What is left is the agent's and the
marketplace's own, and most of that a queue: slicing all took {slicers:.0f} s of the agent's one core,
and no more models are sliced at once than it has cores. A block comes once a second and runners look
once a second, so that no figure is finer.

Ratios that fail the run: more than {most_of_core:.0%} of the core while all print, more than
{most_gets:g} bare requests for a sample, more than {most_memory:g} times the memory of an agent with
one printer.

## One marketplace

{agents} agents with {each} printers each, a sample a second of each printer, {seconds:.0f} seconds, to
a marketplace's web processes and PostgreSQL on the same {cores} cores:

{heard}

It fails where a sample is not stored, or costs more than {most_inserts:g} bare inserts.

![From award to print, and from sending to stored]({chart})
"""


def docs(heard: Hearing, found: Fleet) -> None:
    """Write both."""
    page = PAGE.format(
        day=datetime.now(UTC).date().isoformat(),
        machine=_machine(),
        cores=os.cpu_count(),
        load=f"{os.getloadavg()[2]:.1f} over the last 15 minutes",
        printers=found.printers,
        speed_up=SPEED_UP,
        jobs=len(found.prints),
        alone=len(found.alone),
        uses="\n".join(_uses(found)),
        memory=found.memory_a_printer / 1024,
        gets=found.gets,
        bare=found.bare_s * 1000,
        times="\n".join(_row(what, seconds) for what, seconds in one.times(found).items()),
        grace=GRACE_S,
        slicers=found.slicers_s,
        most_of_core=MOST_OF_CORE,
        most_gets=MOST_GETS,
        most_memory=MOST_MEMORY,
        agents=heard.agents,
        each=heard.printers // heard.agents,
        seconds=heard.seconds,
        heard="\n".join(f"- {line}" for line in all_of_them.told(heard)),
        most_inserts=MOST_INSERTS,
        chart=CHART,
    )
    (DOCS / "fleet.md").write_text(page, encoding="utf-8")
    _chart(heard, found)


def _uses(found: Fleet) -> list[str]:
    return [
        _use("one printer, idle", found.one, 1),
        _use(f"{found.printers} printers, idle", found.idle, found.printers),
        _use(f"{found.printers} printers, all print", found.printing, found.printers),
    ]


def _use(what: str, use: Use, printers: int) -> str:
    each = use.busy / printers * 1000
    return f"| {what} | {use.busy:.1%} | {each:.2f} | {use.memory / 1024**2:.0f} | {use.samples:.1f} |"


def _row(what: str, seconds: Sequence[float]) -> str:
    return f"| {what} | " + " | ".join(f"{one.share(seconds, part):.2f}" for part in (0.5, 0.95, 1.0)) + " |"


def _chart(heard: Hearing, found: Fleet) -> None:
    mpl.use("Agg")
    figure = Figure(figsize=(9, 3.6), dpi=100, layout="constrained")
    prints, waits = figure.subplots(1, 2)
    _prints(prints, found)
    _waits(waits, heard)
    figure.savefig(DOCS / CHART)


def _prints(axes: Axes, found: Fleet) -> None:
    rows = sorted(found.prints, key=lambda each: each.started_s)
    places = np.arange(1, len(rows) + 1)
    allowed = np.array([each.allowed_s for each in rows])
    axes.barh(places, allowed, color=GREY, height=1.0, label="finality and grace")
    own = np.array([each.own_s for each in rows])
    axes.barh(places, own, left=allowed, color=BLUE, height=1.0, label="release, fetching, slicing")
    axes.set(xlabel="seconds since the award was mined", ylabel="prints begun")
    axes.set_title(f"{len(rows)} prints awarded at once to one agent", fontsize=10)
    axes.legend(frameon=False, fontsize=8)


def _waits(axes: Axes, heard: Hearing) -> None:
    for seconds, colour, name in (
        (heard.heard.waits, BLUE, "stored"),
        (heard.heard.lags, GREY, "the agents' own lateness"),
    ):
        ordered = np.sort(np.array(seconds)) * 1000
        axes.plot(ordered, np.arange(1, len(ordered) + 1) / len(ordered), color=colour, label=name)
    axes.axvline(GOAL_MS, color=RED, linewidth=0.8, linestyle="dotted", label="the goal for 99 %")
    axes.axhline(0.99, color=RED, linewidth=0.8, linestyle="dotted")
    axes.set(xscale="log", xlabel="milliseconds from sending", ylabel="share of all")
    axes.set_title(f"{heard.printers:,} printers heard by one marketplace", fontsize=10)
    axes.legend(frameon=False, fontsize=8, loc="center left")


def _machine() -> str:
    cpu = Path("/proc/cpuinfo")
    rows = cpu.read_text().splitlines() if cpu.exists() else []
    names = [row.partition(": ")[2] for row in rows if row.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
