"""What the fresh parts say: the ranges that estimates show, and a section of docs/estimates.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

from benchmarks.estimate.comparing import KINDS, Point, error_of, errors_by_kind
from benchmarks.estimate.fresh import A_FINE_KIND, A_KIND, FINE, PLAIN, SERIES
from benchmarks.estimate.freshly import Freshly, times
from benchmarks.estimate.goals import GOALS, missed, off
from benchmarks.estimate.writing import COLOURS, TITLES, markdown, section_put, signed
from marketplace.designs.mesh import fitted as fitted_file
from marketplace.designs.mesh.estimate import Source, kind_of
from slicers import cura, prusa

HEAD: Final = [
    "| {} | slices | time: mean | median | worst | material: mean | median | worst |",
    "|---|---|---|---|---|---|---|---|",
]
TEXT: Final = """Written by `python -m benchmarks.estimate --fresh --docs`, series "{series}". The ranges that
designers see for estimates that rest on slices come from these parts.

{parts} parts of {kinds} kinds that the model had never met ({plain} x {a_kind}, {fine} x {a_fine_kind}),
written down before any error was looked at and compared once; nothing was tuned on them. {fine_parts} have
more than 60,000 facets: boulders, terrain, gyroids, organic shapes, knurls, threads, springs. Compared is
always with PrusaSlicer's slice of the original, whole part. "Background slice" is the slice of what the
marketplace's child writes from it, which of those {fine_parts} keeps 60,000 facets; the others it leaves as
they are, so of this only the row of the {fine_parts} tells anything. "Corrected" is geometry corrected by the
background slice at 200 um and 20 %, where other settings are asked for. Ordinary parts are compared at two
settings, kinds of many facets at one. No slice was cut short here; the marketplace stops one after 120 s of
processor time, and such a part stays with geometry."""


def ranges(found: Freshly) -> None:
    """Write what estimates say of their errors, and each slicer's factor."""
    known = json.loads(fitted_file.PATH.read_text(encoding="utf-8"))
    by_prusa = errors_by_kind(found.by_source, found.totals)
    by_prusa[Source.GEOMETRY.value]["flexible"] = asdict(error_of(found.soft))
    by_prusa[Source.SCALED.value]["flexible"] = asdict(error_of(found.soft_scaled))
    by_cura = {
        Source.SCALED.value: _of_all(times(found.cura_scaled, found.factor)),
        Source.SLICED.value: _of_all(times(found.cura_sliced, found.factor)),
    }
    # A slice of the whole part is no better known than one of a part made lighter.
    by_prusa[Source.SLICED.value] = _of_all(found.fine)
    said = {
        "errors_from": f"python -m benchmarks.estimate --fresh, series {SERIES}",
        "errors_day": datetime.now(UTC).date().isoformat(),
        "factors": {prusa.NAME: {"time": 1.0, "material": 1.0}, cura.NAME: asdict(found.factor)},
        "errors": {prusa.NAME: by_prusa, cura.NAME: by_cura},
    }
    fitted_file.PATH.write_text(json.dumps(known | said, indent=2) + "\n", encoding="utf-8")


def _of_all(points: Sequence[Point]) -> dict[str, dict[str, float]]:
    """The same for every class of parts."""
    return dict.fromkeys(KINDS, asdict(error_of(points)))


def docs(found: Freshly) -> None:
    """Three sections of docs/estimates.md."""
    section_put("Fresh parts", [*_introduction(found), "", *_table(found), "", *_kinds(found)])
    section_put("Without PrusaSlicer", list(_cura(found)))
    section_put("Flexible filament", list(_soft(found)))


def _introduction(found: Freshly) -> Iterator[str]:
    yield TEXT.format(
        series=SERIES,
        parts=found.parts,
        kinds=len(PLAIN) + len(FINE),
        plain=len(PLAIN),
        fine=len(FINE),
        a_kind=A_KIND,
        a_fine_kind=A_FINE_KIND,
        fine_parts=found.fine_parts,
    )
    if found.failed:
        yield f"\nNot compared: {'; '.join(found.failed)}."


def _table(found: Freshly) -> Iterator[str]:
    yield HEAD[0].format("fresh parts")
    yield HEAD[1]
    for source, some in found.by_source.items():
        yield markdown(TITLES[source], some)
        if source is Source.SLICED:
            yield markdown("... of more than 60,000 facets", found.fine)
        if goal := GOALS.get(source):
            reached = f"| {goal.time_mean:.0%} | | {goal.time_worst:.0%} | {goal.material_mean:.0%} | | |"
            yield f"| *the goal* | {reached}"
    faults = missed(found.by_source | {Source.SLICED: found.fine})
    yield ""
    yield f"**Missed: {'; '.join(faults)}.**" if faults else "Every goal is met."


def _kinds(found: Freshly) -> Iterator[str]:
    yield "From geometry, by classes of parts, and by kinds whose time is furthest off on average:"
    yield ""
    yield HEAD[0].format("fresh parts")
    yield HEAD[1]
    for kind in COLOURS:
        if some := [each for each in found.geometry if kind_of(each.sample.model) == kind]:
            yield markdown(kind, some)
    kinds: dict[str, list[Point]] = {}
    for each in found.geometry:
        kinds.setdefault(each.sample.kind, []).append(each)
    for kind in sorted(kinds, key=lambda kind: -off([each.time for each in kinds[kind]]).mean)[:5]:
        yield markdown(f"*{kind}*", kinds[kind])
    yield ""
    yield "The five worst, from geometry:"
    yield ""
    yield "| part | layer | infill | time | material |"
    yield "|---|---|---|---|---|"
    for point in sorted(found.geometry, key=lambda each: -abs(each.time))[:5]:
        how = point.sample.how
        shown = f"| {signed(point.time)} | {signed(point.material)} |"
        yield f"| {point.sample.name} | {how.layer_um} um | {how.infill_percent} % {shown}"


def _cura(found: Freshly) -> Iterator[str]:
    factor, medians = found.factor, found.medians
    yield f"""Where PrusaSlicer is missing, cura-wasm slices with the same profile in its words
(`marketplace/designs/slicing/standard.py`). On {len(found.cura_factor)} fresh parts, the first of each
ordinary kind, PrusaSlicer's time is {medians.time:g} times and its material {medians.material:g} times what
cura-wasm says (medians). A factor is used where it brings the second of each kind nearer: {factor.time:g} for
time, {factor.material:g} for material. On these, against PrusaSlicer:"""
    yield ""
    yield HEAD[0].format("fresh parts")
    yield HEAD[1]
    yield markdown("cura-wasm, as it says", found.cura_sliced)
    yield markdown("cura-wasm, times both medians", times(found.cura_sliced, medians))
    yield markdown("cura-wasm, as used", times(found.cura_sliced, factor))
    yield markdown("geometry corrected by cura-wasm, as used", times(found.cura_scaled, factor))
    yield markdown("geometry alone, the same parts", found.cura_geometry)
    yield ""
    yield "The last row is there to compare: one slicer need be no nearer to another than geometry is."


def _soft(found: Freshly) -> Iterator[str]:
    yield """TPU cannot be pushed faster than about 3.2 mm3 a second; slices and model know that limit.
Nothing was fitted to it. At 200 um and 20 %, on the first fresh part of each ordinary kind:"""
    yield ""
    yield HEAD[0].format("TPU")
    yield HEAD[1]
    yield markdown(TITLES[Source.GEOMETRY], found.soft)
    yield markdown("geometry corrected by a PLA slice", found.soft_scaled)
