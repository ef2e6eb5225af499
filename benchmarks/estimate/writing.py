"""Tables, plots, and what `--fit` and `--docs` write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from math import exp
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.estimate.comparing import Point
from benchmarks.estimate.fitting import Sample
from benchmarks.estimate.goals import GOALS, off
from marketplace.designs.mesh import fitted as fitted_file
from marketplace.designs.mesh.estimate import Source, kind_of
from marketplace.designs.mesh.printing import Constants
from marketplace.designs.slicing.standard import prusa_profile

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
TITLES: Final = {
    Source.GEOMETRY: "from geometry",
    Source.SCALED: "geometry corrected by one slice",
    Source.SLICED: "from the background slice",
}
COLOURS: Final = {"plain": "#3367b1", "thin": "#2b8a5a", "supported": "#c0562f"}
INTRODUCTION: Final = """Written by `python -m benchmarks.estimate --docs`.

{parts} parts of {kinds} kinds, made by formula, each sliced with three settings: 200 um with 20 % infill,
one finer and one coarser. A digest of the name holds {held_out} of them out.

The constants saw one half alone, but the model's form (and one setting of the profile) was chosen over five
rounds while looking at the errors of both halves, the worst held-out parts among them. So the errors below
flatter; those of the fresh parts do not. Rows "from the background slice" compare PrusaSlicer with itself,
same profile; only models above 60,000 facets differ, as they are sliced with fewer.
"""


def row(source: Source, some: Sequence[Point]) -> str:
    time, material = off([each.time for each in some]), off([each.material for each in some])
    numbers = (time.mean, time.median, time.worst, material.mean, material.median, material.worst)
    shown = "{:>11.1%} {:>6.1%} {:>6.1%}   {:>14.1%} {:>6.1%} {:>6.1%}".format(*numbers)
    return f"{TITLES[source]:31}{len(some):>5}{shown}"


def goal_row(source: Source) -> str:
    goal = GOALS[source]
    shown = f"{goal.time_mean:>11.1%} {'':>6} {goal.time_worst:>6.1%}   {goal.material_mean:>14.1%}"
    return f"{'  the goal':36}{shown}"


def fitted(constants: Constants, samples: Sequence[Sample]) -> None:
    """The constants that estimates read. How far off they are `--fresh` has to say anew."""
    known = json.loads(fitted_file.PATH.read_text(encoding="utf-8"))
    text = known | {
        "command": "python -m benchmarks.estimate --fit",
        "day": datetime.now(UTC).date().isoformat(),
        "profile": prusa_profile(),
        "slicer": f"{samples[0].truth.slicer} {samples[0].truth.version}",
        "fitted_to_slices": sum(not each.held_out for each in samples),
        "held_out_slices": sum(each.held_out for each in samples),
        "constants": asdict(constants),
    }
    fitted_file.PATH.write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")


def docs(found: Mapping[Source, Sequence[Point]], samples: Sequence[Sample]) -> None:
    """docs/estimates.md and its two plots."""
    _plot(found[Source.GEOMETRY], "images/estimate-geometry.png", "Estimated from geometry")
    _plot(found[Source.SCALED], "images/estimate-scaled.png", "Geometry corrected by one slice")
    names = {each.name for each in samples}
    lines = [
        INTRODUCTION.format(
            parts=len(names),
            kinds=len({each.kind for each in samples}),
            held_out=len({each.name for each in samples if each.held_out}),
        ),
        "| held out | slices | time: mean | median | worst | material: mean | median | worst |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for source, some in found.items():
        lines.append(markdown(TITLES[source], some))
        if source in GOALS:
            goal = GOALS[source]
            reached = f"| {goal.time_mean:.0%} | | {goal.time_worst:.0%} | {goal.material_mean:.0%} | | |"
            lines.append(f"| *the goal* | {reached}")
    geometry = found[Source.GEOMETRY]
    lines += ["", "By kinds, from geometry:", "", *lines[1:3]]
    for kind in COLOURS:
        if some := [each for each in geometry if kind_of(each.sample.model) == kind]:
            lines.append(markdown(kind, some))
    lines += [
        "",
        "The five worst, from geometry:",
        "",
        "| part | layer | infill | time | material |",
        "|---|---|---|---|---|",
    ]
    for point in sorted(geometry, key=lambda each: -abs(each.time))[:5]:
        how = point.sample.how
        lines.append(
            f"| {point.sample.name} | {how.layer_um} um | {how.infill_percent} % "
            f"| {signed(point.time)} | {signed(point.material)} |"
        )
    lines += ["", "![Estimated from geometry against sliced](images/estimate-geometry.png)"]
    lines += ["", "![Corrected by one slice against sliced](images/estimate-scaled.png)", ""]
    section_put("Held-out parts", lines)


def section_put(title: str, lines: Sequence[str]) -> None:
    """Replace one section of docs/estimates.md; the others stay."""
    path, head = DOCS / "estimates.md", f"## {title}\n"
    before, _, rest = path.read_text(encoding="utf-8").partition(head)
    _, mark, after = rest.partition("\n## ")
    text = "\n".join(lines).strip() + "\n"
    path.write_text(f"{before}{head}\n{text}{mark}{after}", encoding="utf-8")


def markdown(title: str, some: Sequence[Point]) -> str:
    time, material = off([each.time for each in some]), off([each.material for each in some])
    numbers = (time.mean, time.median, time.worst, material.mean, material.median, material.worst)
    return f"| {title} | {len(some)} | " + " | ".join(f"{each:.1%}" for each in numbers) + " |"


def signed(logarithm: float) -> str:
    return f"{exp(logarithm) - 1:+.0%}"


def _plot(some: Sequence[Point], name: str, title: str) -> None:
    mpl.use("Agg")
    figure = Figure(figsize=(8, 4), dpi=100, layout="constrained")
    time, material = figure.subplots(1, 2)
    hours = [(each.sample.truth.seconds / 3600, each.copy.seconds / 3600) for each in some]
    volumes = [(each.sample.truth.extruded_mm3 / 1000, each.copy.mm3 / 1000) for each in some]
    _scatter(time, "hours", some, hours)
    _scatter(material, "cm³", some, volumes)
    time.legend(frameon=False)
    figure.suptitle(f"{title}: held-out parts, lines at 0 and ±30 %", fontsize=10)
    figure.savefig(DOCS / name)


def _scatter(axes: Axes, unit: str, some: Sequence[Point], pairs: Sequence[tuple[float, float]]) -> None:
    """Pairs of sliced and estimated, and where the two are equal."""
    kinds = [kind_of(each.sample.model) for each in some]
    for kind, colour in COLOURS.items():
        chosen = [pair for pair, its in zip(pairs, kinds, strict=True) if its == kind]
        sliced, estimated = np.array(chosen).reshape(-1, 2).T
        axes.scatter(sliced, estimated, s=9, c=colour, label=kind, alpha=0.7)
    ends = np.array([min(pairs)[0], max(pairs)[0]])
    axes.plot(ends, ends, color="#444444", linewidth=0.8)
    for share in (0.7, 1.3):
        axes.plot(ends, share * ends, color="#999999", linewidth=0.6, linestyle="dotted")
    axes.set(xscale="log", yscale="log", xlabel=f"sliced, {unit}", ylabel=f"estimated, {unit}")
