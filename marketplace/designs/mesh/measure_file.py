"""What a measuring child does with one uploaded model (see warm.py, which loads this once and forks).

Only such a child parses models. It writes a picture and answers with one JSON object: {"measurement": {...}}
or {"refused": {"code", "message"}}.
"""

import json
from dataclasses import replace
from pathlib import Path

from marketplace.designs.mesh.findings import Finding, Severity
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.load import Limits, Loaded, check, opened
from marketplace.designs.mesh.look import look_write
from marketplace.designs.mesh.measure import measure_welded, welded
from marketplace.designs.mesh.measurement import Measurement, ModelRefused
from marketplace.designs.mesh.pieces import piece_file
from marketplace.designs.mesh.shape import of_surface
from marketplace.designs.mesh.stl import write_binary


def measured_apart(model: Path, picture: Path, unit: str = "") -> dict[str, object]:
    """As `measured`; and what a 3MF holds is written as the models of an archive are."""
    return measured(model, picture, unit, apart=True)


def measured(model: Path, picture: Path, unit: str = "", *, apart: bool = False) -> dict[str, object]:
    """The answer for one file, as JSON-ready members; `unit` is the designer's word, or empty.

    Beside the picture, under the same name: what the source is (.json), pictures from more angles with where
    they show what (.views.json), a light preview (.glb), and where the source is not what slicers read, the
    same geometry as an STL in millimetres (.stl); so too each model of an archive of several (pieces.py).
    """
    try:
        loaded = opened(model, Limits(), Unit(unit) if unit else None)
        picture.with_suffix(".json").write_text(json.dumps(loaded.to_json()))
        check(loaded, Limits())
        triangles = loaded.triangles
        solid = welded(triangles)
        measurement = measure_welded(solid)
        measurement = replace(measurement, findings=(*measurement.findings, *_of_file(loaded)))
    except ModelRefused as refusal:
        return {"refused": {"code": refusal.reason.code, "message": refusal.reason.message}}
    look_write(of_surface(solid.surface), picture, _outside(measurement))
    if not loaded.is_plain:
        picture.with_suffix(".stl").write_bytes(write_binary(triangles))
        for number, part in enumerate(loaded.separate(apart=apart)):
            piece_file(picture, number).write_bytes(write_binary(part))
    return {"measurement": measurement.to_json()}


def _of_file(loaded: Loaded) -> list[Finding]:
    """What is worth knowing of how the file was read."""
    found = []
    if loaded.guess:
        found.append(Finding("unit-guess", Severity.WARNING, loaded.guess.reason, loaded.guess.advice))
    if loaded.model.left_out:
        message = (
            f"Volumes that help a slicer and are no material were left out ({loaded.model.left_out:,}): "
            "modifiers, or blockers or enforcers of supports."
        )
        advice = "If one of them is to be printed, make it a part in your slicer and export it again."
        found.append(Finding("volumes-left-out", Severity.INFO, message, advice))
    if loaded.model.not_printed:
        message = f"Objects marked as not to be printed were left out ({loaded.model.not_printed:,})."
        advice = "If one of them is to be printed, mark it as printable in your slicer and export it again."
        found.append(Finding("objects-left-out", Severity.INFO, message, advice))
    return found


def _outside(model: Measurement) -> int:
    """Which side of all facets is outside, as far as that can be told: see picture.Scene."""
    doubts = model.self_intersections or model.inverted_bodies or not model.intersections_complete
    if doubts or not (model.watertight and model.winding_consistent):
        return 0
    return -1 if model.inside_out else 1
