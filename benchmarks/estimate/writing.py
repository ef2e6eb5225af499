"""Tables, plots, and what `--fit` and `--docs` write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from math import exp
from pathlib import Path
from statistics import mean
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.estimate.comparing import Point, errors_by_kind
from benchmarks.estimate.fitting import Sample
from benchmarks.estimate.goals import GOALS, missed, off
from marketplace.designs.mesh import fitted as fitted_file
from marketplace.designs.mesh.constants import Constants
from marketplace.designs.mesh.estimate import Source, kind_of
from marketplace.designs.slicing.standard import prusa_profile

PLOT: Final = "images/estimate-geometry.png"
DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
TITLES: Final = {
    Source.GEOMETRY: "from geometry",
    Source.SCALED: "geometry corrected by one slice",
    Source.SLICED: "from the background slice",
}
COLOURS: Final = {"plain": "#3367b1", "thin": "#2b8a5a", "supported": "#c0562f", "intricate": "#7a4fa3"}
INTRODUCTION: Final = """Written by `python -m benchmarks.estimate --docs`. {heads}

{parts} parts of {kinds} kinds, made by formula, each at settings that its name decides. Which parts are held
out is a rule in `benchmarks/estimate/parts.py`, written down before any of them was made: the constants are
fitted to the first numbers of each kind, whose errors were looked at while the model was made; those after
them are held out. Of {all_parts} such parts those that had been sliced were compared, {times}, after the
model was done; the rest nobody has looked at.
"""
NEW_KINDS: Final = """Written by the same command: {parts} parts of {kinds} kinds
(`benchmarks/estimate/new_shapes.py`) that were written down when the features and the form of the model
stood, and compared {times}. No part of these kinds fits a constant; the ranges take
them in.
"""
RANGES: Final = """The ranges
that designers see for estimates from geometry come from these parts, the new kinds below and the
fitting half together, as the errors of that half are no smaller."""
TIMES: Final = "with one state of the model"
"""How often the held-out half was compared since the model's form was last changed."""


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
    """The constants that estimates read. How far off they are is to be said anew."""
    known = json.loads(fitted_file.PATH.read_text(encoding="utf-8"))
    text = known | {
        "command": "python -m benchmarks.estimate --fit",
        "day": datetime.now(UTC).date().isoformat(),
        "profile": prusa_profile(),
        "slicer": f"{samples[0].truth.slicer} {samples[0].truth.version}",
        "fitted_to_slices": len(samples),
        "constants": asdict(constants),
    }
    fitted_file.PATH.write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")


def ranges(some: Sequence[Point], totals: Sequence[Point], held_out: int) -> dict[str, dict[str, float]]:
    """Write, and return by classes, what estimates from geometry say of their errors; all others stay."""
    known = json.loads(fitted_file.PATH.read_text(encoding="utf-8"))
    errors = errors_by_kind({Source.GEOMETRY: some}, totals)[Source.GEOMETRY]
    # Of what is flexible these parts tell nothing.
    del errors["flexible"]
    geometry: dict[str, dict[str, float]] = known["errors"][fitted_file.PRUSA][Source.GEOMETRY]
    geometry |= errors
    known |= {
        "geometry_errors_from": "python -m benchmarks.estimate --docs",
        "geometry_errors_day": datetime.now(UTC).date().isoformat(),
        "held_out_slices": held_out,
    }
    fitted_file.PATH.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return geometry


def docs(
    found: Mapping[Source, Sequence[Point]],
    new: Sequence[Point],
    errors: Mapping[str, Mapping[str, float]],
    all_parts: int,
) -> None:
    """Two sections of docs/estimates.md and a plot. `errors` are the ranges by classes; `all_parts` are
    held out."""
    held_out = found[Source.GEOMETRY]
    _plot(held_out, PLOT, "Estimated from geometry")
    counted = INTRODUCTION.format(heads=RANGES, times=TIMES, all_parts=all_parts, **_counts(held_out))
    plot = f"![Estimated from geometry against sliced]({PLOT})"
    section_put("Held-out parts", [counted, *_tables("held out", held_out, errors), "", plot])
    if new:
        counted = NEW_KINDS.format(times=TIMES, **_counts(new))
        section_put("New kinds", [counted, *_tables("new kinds", new, errors)])


def _counts(some: Sequence[Point]) -> dict[str, int]:
    return {
        "parts": len({each.sample.name for each in some}),
        "kinds": len({each.sample.kind for each in some}),
    }


def _tables(title: str, some: Sequence[Point], errors: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    heads = (
        f"| {title} | slices | time: mean | median | worst | material: mean | median | worst |",
        "|---|---|---|---|---|---|---|---|",
    )
    goal = GOALS[Source.GEOMETRY]
    yield from heads
    yield markdown(TITLES[Source.GEOMETRY], some)
    yield f"| *the goal* | | {goal.time_mean:.0%} | | {goal.time_worst:.0%} | {goal.material_mean:.0%} | | |"
    faults = missed({Source.GEOMETRY: some})
    yield ""
    yield f"**Missed: {'; '.join(faults)}.**" if faults else "Every goal is met."
    groups = {kind: [each for each in some if kind_of(each.sample.model) == kind] for kind in COLOURS}
    for what, parted in (("classes", groups), ("kinds", _by_kind(some))):
        yield ""
        yield f"By {what}; the last column is how many lie within the range of time that is stated:"
        yield ""
        yield f"{heads[0]} in range |"
        yield f"{heads[1]}---|"
        for name, its in parted.items():
            if its:
                yield f"{markdown(name, its)} {_within(its, errors):.0%} |"
    yield ""
    yield f"In range altogether: {_within(some, errors):.0%}. The five worst:"
    yield ""
    yield "| part | layer | infill | time | material |"
    yield "|---|---|---|---|---|"
    for point in sorted(some, key=lambda each: -abs(each.time))[:5]:
        how = point.sample.how
        yield (
            f"| {point.sample.name} | {how.layer_um} um | {how.infill_percent} % "
            f"| {signed(point.time)} | {signed(point.material)} |"
        )


def _within(some: Sequence[Point], errors: Mapping[str, Mapping[str, float]]) -> float:
    return mean(abs(each.time) <= errors[kind_of(each.sample.model)]["time_most"] for each in some)


def _by_kind(some: Sequence[Point]) -> dict[str, list[Point]]:
    """Those whose time is furthest off on average first."""
    groups: dict[str, list[Point]] = {}
    for each in some:
        groups.setdefault(each.sample.kind, []).append(each)
    return dict(sorted(groups.items(), key=lambda pair: -off([each.time for each in pair[1]]).mean))


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
