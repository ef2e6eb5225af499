"""The table as text, and what `--docs` writes."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.mesh import goals
from benchmarks.mesh.running import Row, Taken
from marketplace.designs.slicing import standard
from slicers import prusa

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
STAGES: Final = ("read", "measure", "estimate", "draw")
HEADS: Final = ("model", "facets", *STAGES, "total", "MB")
PEER_HEADS: Final = ("s", "MB", "ratio")
PEERS: Final = ("trimesh", "--info", "slice")
COLOURS: Final = {
    "ours, everything": "#3367b1",
    "ours, without drawing": "#7aa3dd",
    "trimesh": "#8a8a8a",
    "--info": "#2b8a5a",
    "slice": "#c0562f",
}
INTRODUCTION: Final = """# Measuring

What an upload takes, in seconds of the processor: reading, measuring, the estimate, five pictures and the
preview, all that the product does with it. Beside it, in the same run: `trimesh.load_mesh` with volume and
watertightness, `prusa-slicer --info`, and a slice with `marketplace/designs/slicing/{profile}` at 200 um and
20 %. Each runs alone, with one thread, in a process of its own; MB is the most memory of that process, its
libraries included. A ratio is everything of ours over all of theirs. Imports are not counted, as a warm
process has done them; PrusaSlicer's start is, as it starts for each file.

Written by `python -m benchmarks.mesh --docs` on {day}, on {machine}, other programs running beside.
`--folder` adds your own models. It fails where a ratio is too large; seconds are only told.
"""


def heads() -> list[str]:
    """Two lines."""
    above = f"{'':19}{'':>10}{'ours, s':>8}" + " " * 40 + "".join(f"{peer:>22}" for peer in PEERS)
    below = f"{HEADS[0]:19}{HEADS[1]:>10}" + "".join(f"{each:>9}" for each in STAGES)
    below += f"{'total':>7}{'MB':>6}" + "".join(f"{a:>9}{b:>6}{c:>7}" for a, b, c in [PEER_HEADS] * 3)
    return [above.rstrip(), below]


def line(row: Row) -> str:
    ours = "".join(f"{row.ours.stages[stage]:>9.4f}" for stage in STAGES)
    peers = "".join(_peer(row, taken) for taken in row.peers.values())
    return f"{row.name[:18]:19}{row.facets:>10,}{ours}{row.ours.busy:>7.2f}{_mb(row.ours):>6}{peers}"


def last_lines(rows: Sequence[Row]) -> list[str]:
    """Goals, growth, and what was missing."""
    lines = list(goals.told(rows))
    lines += [
        f"{name}: reading and measuring a facet takes {growth:.2f} times as long at the largest size as at "
        f"{goals.JUDGED:,}; the most is {goals.MOST_GROWTH:g}"
        for name, growth in goals.growths(rows).items()
    ]
    if prusa.installed() is None:
        lines.append(f"{prusa.NAME} is not installed: its columns are empty")
    return lines


def docs(rows: Sequence[Row]) -> None:
    """docs/measuring.md and its chart."""
    titles = ["model", "facets", *(f"{each} s" for each in (*STAGES, "total")), "MB"]
    titles += [f"{peer} {what}" for peer in PEERS for what in PEER_HEADS]
    day = datetime.now(UTC).date().isoformat()
    lines = [
        INTRODUCTION.format(profile=standard.PROFILE.name, day=day, machine=_machine()),
        "| " + " | ".join(titles) + " |",
        "|---" * len(titles) + "|",
        *(_markdown(row) for row in rows),
        "",
        *(f"- {each}" for each in last_lines(rows)),
        f"- ratios that fail the run, from {goals.JUDGED:,} facets: "
        + ", ".join(f"{peer} above {most:g}" for peer, most in goals.MOST_RATIOS.items()),
        "",
        "![Seconds by facets](images/measuring.png)",
        "",
    ]
    (DOCS / "measuring.md").write_text("\n".join(lines), encoding="utf-8")
    _chart([row for row in rows if row.name == "terrain"])


def _chart(rows: Sequence[Row]) -> None:
    mpl.use("Agg")
    figure = Figure(figsize=(7, 4), dpi=100, layout="constrained")
    axes = figure.subplots()
    facets = np.array([row.facets for row in rows])
    for name, seconds in _series(rows).items():
        axes.plot(facets, seconds, marker="o", markersize=4, color=COLOURS[name], label=name)
    axes.set(xscale="log", yscale="log", xlabel="facets", ylabel="seconds of the processor")
    axes.set_title("A terrain, by its facets", fontsize=10)
    axes.legend(frameon=False)
    figure.savefig(DOCS / "images" / "measuring.png")


def _series(rows: Sequence[Row]) -> dict[str, list[float]]:
    series = {
        "ours, everything": [row.ours.busy for row in rows],
        "ours, without drawing": [row.ours.busy - row.ours.stages["draw"] for row in rows],
    }
    for peer in PEERS:
        series[peer] = [taken.busy if (taken := row.peers[peer]) else np.nan for row in rows]
    return series


def _markdown(row: Row) -> str:
    cells = [row.name, f"{row.facets:,}", *(f"{row.ours.stages[stage]:.4f}" for stage in STAGES)]
    cells += [f"{row.ours.busy:.2f}", _mb(row.ours)]
    for taken in row.peers.values():
        cells += [f"{taken.busy:.2f}", _mb(taken), _ratio(row, taken)] if taken else ["", "", ""]
    return "| " + " | ".join(cells) + " |"


def _peer(row: Row, taken: Taken | None) -> str:
    if taken is None:
        return f"{'-':>9}{'-':>6}{'-':>7}"
    return f"{taken.busy:>9.2f}{_mb(taken):>6}{_ratio(row, taken):>7}"


def _ratio(row: Row, taken: Taken) -> str:
    return f"{row.ours.busy / taken.busy:.2f}"


def _mb(taken: Taken) -> str:
    return f"{taken.memory / 1024**2:.0f}"


def _machine() -> str:
    cpu = Path("/proc/cpuinfo")
    names = (
        [each for each in cpu.read_text().splitlines() if each.startswith("model name")]
        if cpu.exists()
        else []
    )
    return names[0].partition(": ")[2] if names else platform.processor() or platform.machine()
