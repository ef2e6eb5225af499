"""How far estimates are from PrusaSlicer, with the profile `infill-standard`, on parts that no constant was
fitted to. The model's form was chosen with these parts in sight; `--fresh` takes parts that nobody had seen.

The parts are made by formula, sliced once and kept in .infill/, so a run that was cut off resumes. `--fit`
fits the constants to the other half, `--fresh` writes the ranges that estimates show, `--folder` adds a
folder of your own models to what is compared, `--docs` writes its section of docs/estimates.md. Exits 1
where a goal is missed: all are ratios.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from benchmarks.estimate import comparing, fresh_writing, writing
from benchmarks.estimate.comparing import Point
from benchmarks.estimate.fitting import Sample, fit
from benchmarks.estimate.freshly import freshly
from benchmarks.estimate.goals import GOALS, missed
from benchmarks.estimate.parts import parts
from benchmarks.estimate.rough import rough_of
from benchmarks.estimate.shapes import Floats
from benchmarks.estimate.truth import OTHERS, USUAL, settings_for, sliced
from marketplace.designs.mesh.estimate import Source
from marketplace.designs.mesh.fitted import CONSTANTS
from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import Measurement, ModelRefused
from marketplace.designs.mesh.printing import Copy
from marketplace.designs.mesh.rough_file import MOST_FACETS
from marketplace.designs.mesh.stl import write_binary
from marketplace.designs.slicing.outcome import SliceSettings

SUFFIXES = {".stl", ".3mf", ".obj", ".ply", ".glb", ".gltf", ".step", ".stp"}


@click.command()
@click.option("--fresh", is_flag=True, help="Compare on parts that nobody tuned on, and write the ranges.")
@click.option("--fit", "fitting", is_flag=True, help="Fit the constants again and write fitted.json.")
@click.option("--docs", is_flag=True, help="Write docs/estimates.md and its plots.")
@click.option(
    "--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Your own models."
)
def main(fresh: bool, fitting: bool, docs: bool, folder: Path | None) -> None:
    """Print the errors of each way to estimate, and what of the goals was missed."""
    found = _fresh(docs) if fresh else _held_out(fitting, docs)
    if folder:
        own = list(_own(folder))
        _show(str(folder), {Source.GEOMETRY: comparing.points(own, comparing.by_geometry(CONSTANTS))})
    if faults := missed(found):
        sys.exit("\n".join(faults))


def _fresh(docs: bool) -> dict[Source, list[Point]]:
    """Writes the ranges that estimates show, as nothing was tuned on these parts."""
    seen = freshly()
    _show("fresh parts", seen.by_source)
    click.echo("\n".join(seen.failed))
    fresh_writing.ranges(seen)
    if docs:
        fresh_writing.docs(seen)
    return seen.by_source


def _held_out(fitting: bool, docs: bool) -> dict[Source, list[Point]]:
    """The parts that the model was made with, of which the constants saw one half."""
    samples = list(_samples())
    held_out = [sample for sample in samples if sample.held_out]
    constants = fit([sample for sample in samples if not sample.held_out]) if fitting else CONSTANTS
    found = {
        Source.GEOMETRY: comparing.points(held_out, comparing.by_geometry(constants)),
        Source.SCALED: comparing.points(
            [each for each in held_out if not each.usual], comparing.by_scaling(constants, held_out)
        ),
        Source.SLICED: list(_rough_points(held_out)),
    }
    if fitting:
        writing.fitted(constants, samples)
    _show("held-out parts", found)
    if docs:
        writing.docs(found, samples)
    return found


def _show(title: str, found: dict[Source, list[Point]]) -> None:
    click.echo(f"{title:24} {'slices':>6}   time: mean median  worst   material: mean median  worst")
    for source, some in found.items():
        if some:
            click.echo(writing.row(source, some))
            if source in GOALS:
                click.echo(writing.goal_row(source))


def _samples() -> Iterator[Sample]:
    for part in parts():
        triangles = part.triangles()
        yield from _sliced(part.name, part.kind, part.held_out, triangles, settings_for(part))


def _own(folder: Path) -> Iterator[Sample]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES:
            continue
        try:
            triangles = load(path, Limits())
            yield from _sliced(path.name, "own", True, triangles, (USUAL, *(each[0] for each in OTHERS)))
        except ModelRefused as refusal:
            click.echo(f"{path.name}: {refusal}", err=True)


def _sliced(
    name: str, kind: str, held_out: bool, triangles: Floats, settings: Sequence[SliceSettings]
) -> Iterator[Sample]:
    model: Measurement | None = None
    data = write_binary(triangles)
    for how in settings:
        truth = sliced(data, how)
        if truth is None:
            click.echo(f"{name}: PrusaSlicer failed with {how}", err=True)
            continue
        model = model or measure(triangles)
        yield Sample(name, kind, held_out, model, how, truth)


def _rough_points(samples: Sequence[Sample]) -> Iterator[Point]:
    """What the background slice says: of a small model it is the truth itself."""
    triangles = {part.name: part.triangles for part in parts()}
    for sample in samples:
        said = sample.truth
        if sample.model.triangles > MOST_FACETS:
            data = rough_of(write_binary(triangles[sample.name]()))
            roughly = sliced(data, sample.how)
            if roughly is None:
                continue
            said = roughly
        yield Point(sample, Copy(said.seconds, said.extruded_mm3))


if __name__ == "__main__":
    main()
