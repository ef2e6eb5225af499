"""How far off estimates are from PrusaSlicer, with the profile `infill-standard`.

The parts are made by formula, sliced once and kept in .infill/, so a run that was cut off resumes. `--fit`
fits the constants to the fitting half and shows its errors alone. Without it the held-out half is compared,
and kinds of parts that were written down when the model was done: nothing may be tuned on these. `--docs`
writes the ranges that estimates show and two sections of docs/estimates.md. `--fresh` compares another series
of parts with the background slice, cura-wasm and TPU besides. `--folder` adds your own models, each
told of by itself; with `--kept` that takes no longer than slicing them. Exits 1 where a goal is missed: all
are ratios.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp
from pathlib import Path

import click

from benchmarks.estimate import comparing, fresh_writing, writing
from benchmarks.estimate.comparing import Point
from benchmarks.estimate.fitting import Sample, fit
from benchmarks.estimate.freshly import freshly, measured
from benchmarks.estimate.goals import GOALS, missed
from benchmarks.estimate.parts import Part, new_parts, parts
from benchmarks.estimate.truth import OTHERS, USUAL, is_kept, sliced
from marketplace.designs.mesh.estimate import Source
from marketplace.designs.mesh.fitted import CONSTANTS
from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import Measurement, ModelRefused
from marketplace.designs.mesh.stl import write_binary
from marketplace.designs.slicing.outcome import SliceSettings

SUFFIXES = {".stl", ".3mf", ".obj", ".ply", ".glb", ".gltf", ".step", ".stp"}


@click.command()
@click.option("--fresh", is_flag=True, help="Compare another series, and other slicers; write their ranges.")
@click.option("--fit", "fitting", is_flag=True, help="Fit the constants again, and look at nothing else.")
@click.option("--docs", is_flag=True, help="Write docs/estimates.md, its plot and the ranges.")
@click.option(
    "--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Your own models."
)
@click.option("--kept", is_flag=True, help="Leave out parts that were not sliced yet; the rest stays unseen.")
def main(fresh: bool, fitting: bool, docs: bool, folder: Path | None, kept: bool) -> None:
    """Print the errors of each way to estimate, and what of the goals was missed."""
    if folder:
        _show_own(folder)
    found = _fresh(docs) if fresh else _fitted() if fitting else _held_out(docs, kept)
    if faults := missed(found):
        sys.exit("\n".join(faults))


def _show_own(folder: Path) -> None:
    """First of all, as the others take hours where they were not sliced yet."""
    own = comparing.points(_own(folder), comparing.by_geometry(CONSTANTS))
    for each in own:
        how, off = each.sample.how, f"{exp(each.time) - 1:+7.1%}   material {exp(each.material) - 1:+7.1%}"
        click.echo(f"{each.sample.name:32} {how.layer_um:3} um {how.infill_percent:3} %   time {off}")
    _show(str(folder), {Source.GEOMETRY: own})


def _fresh(docs: bool) -> dict[Source, list[Point]]:
    """Writes the ranges that estimates show, those from slices too."""
    seen = freshly()
    _show("fresh parts", seen.by_source)
    click.echo("\n".join(seen.failed))
    fresh_writing.ranges(seen)
    if docs:
        fresh_writing.docs(seen)
    return seen.by_source


def _fitted() -> dict[Source, list[Point]]:
    samples = list(_samples(part for part in parts() if not part.held_out))
    constants = fit(samples)
    writing.fitted(constants, samples)
    found = {Source.GEOMETRY: comparing.points(samples, comparing.by_geometry(constants))}
    _show("what was fitted to", found)
    return found


def _held_out(docs: bool, kept: bool) -> dict[Source, list[Point]]:
    held_out = [part for part in parts() if part.held_out]
    samples = list(_samples(_chosen(held_out, kept)))
    found = {Source.GEOMETRY: comparing.points(samples, comparing.by_geometry(CONSTANTS))}
    _show("held-out parts", found)
    unknown = list(_samples(_chosen(new_parts(), kept)))
    new = comparing.points(unknown, comparing.by_geometry(CONSTANTS))
    _show("new kinds", {Source.GEOMETRY: new})
    if docs:
        both = [*samples, *unknown, *_samples(_chosen((part for part in parts() if not part.held_out), kept))]
        geometry = comparing.points(both, comparing.by_geometry(CONSTANTS))
        errors = writing.ranges(
            geometry, comparing.points(both, comparing.by_totals(CONSTANTS)), len(samples)
        )
        writing.docs(found, new, errors, len(held_out))
    return found


def _chosen(some: Iterable[Part], kept: bool) -> Iterator[Part]:
    for part in some:
        if not kept or (part.path.exists() and all(is_kept(part.stl(), how) for how in part.settings)):
            yield part


def _show(title: str, found: Mapping[Source, Sequence[Point]]) -> None:
    click.echo(f"{title:24} {'slices':>6}   time: mean median  worst   material: mean median  worst")
    for source, some in found.items():
        if some:
            click.echo(writing.row(source, some))
            if source in GOALS:
                click.echo(writing.goal_row(source))


def _samples(some: Iterable[Part]) -> Iterator[Sample]:
    for part in some:
        model = measured(part)
        if model is None:
            click.echo(f"{part.name}: refused when measured", err=True)
        else:
            yield from _sliced((part.name, part.kind, part.held_out), part.stl(), part.settings, model)


def _own(folder: Path) -> Iterator[Sample]:
    settings = (USUAL, *(each[0] for each in OTHERS))
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES:
            continue
        try:
            triangles = load(path, Limits())
            model = measure(triangles)
        except ModelRefused as refusal:
            click.echo(f"{path.name}: {refusal}", err=True)
        else:
            yield from _sliced((path.name, "own", True), write_binary(triangles), settings, model)


def _sliced(
    called: tuple[str, str, bool], data: bytes, settings: Sequence[SliceSettings], model: Measurement
) -> Iterator[Sample]:
    """`called` is a part's name and kind, and whether it is held out."""
    for how in settings:
        truth = sliced(data, how)
        if truth is None:
            click.echo(f"{called[0]}: PrusaSlicer failed with {how}", err=True)
            continue
        yield Sample(*called, model, how, truth)


if __name__ == "__main__":
    main()
