"""A zip of several models: each file a part with its name, laid out beside the others on one bed."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.archive import Entry
from marketplace.designs.mesh.formats.model import Format, Limits, Model, Part, Triangles
from marketplace.designs.mesh.formats.names import part_name
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.measurement import ModelRefused

GAP_MM: Final = 5.0
MODEL_NAMES: Final = (".stl", ".3mf", ".obj", ".ply", ".glb", ".gltf", ".step", ".stp")
LITTER: Final = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")

Reader = Callable[[bytes, Limits], Model]


def read(entries: tuple[Entry, ...], limits: Limits, reader: Reader) -> Model:
    """`reader` reads one file. The parts stand apart on z = 0, in millimetres. Raises ModelRefused, naming
    the file, when one that calls itself a model is none."""
    models = [entry for entry in entries if _is_model(entry.path)]
    if not models:
        raise refusals.empty("The zip archive holds no model.")
    if len(models) > limits.models:
        raise refusals.too_many("models", len(models), limits.models)
    read_ones, left = list[Model](), limits.triangles
    for entry in models:
        model = _named(entry, replace(limits, triangles=left), reader)
        left -= sum(len(part.triangles) for part in model.parts)
        read_ones.append(model)
    parts = [_one(entry, model) for entry, model in zip(models, read_ones, strict=True)]
    stated = all(model.stated for model in read_ones)
    left_out = sum(model.left_out for model in read_ones)
    ignored = len(entries) - len(models)
    return Model(
        Format.ZIP,
        Unit.MILLIMETRE,
        stated,
        laid_out(parts),
        ignored,
        left_out=left_out,
        not_printed=sum(model.not_printed for model in read_ones),
    )


def _is_model(path: str) -> bool:
    lower = path.lower()
    base = lower.rsplit("/", 1)[-1]
    return lower.endswith(MODEL_NAMES) and not base.startswith("._") and not lower.startswith(LITTER)


def _named(entry: Entry, limits: Limits, reader: Reader) -> Model:
    try:
        model = reader(entry.data, limits)
    except ModelRefused as refusal:
        reason = refusal.reason
        raise ModelRefused(reason.code, f"{part_name(entry.path)}: {reason.message}") from refusal
    if not sum(len(part.triangles) for part in model.parts):
        raise ModelRefused("empty", f"{part_name(entry.path)} has no facets. Export it again.")
    return model


def _one(entry: Entry, model: Model) -> Part:
    """A file's parts together, as they stand to one another."""
    colours = dict.fromkeys(colour for part in model.parts for colour in part.colours)
    return Part(part_name(entry.path), model.triangles() * model.unit.mm, tuple(colours))


def laid_out(parts: list[Part]) -> tuple[Part, ...]:
    """In rows of about a square, the deepest first, so that no two touch."""
    sizes = {id(part): np.ptp(part.triangles.reshape(-1, 3), axis=0) for part in parts}
    area = sum(float((size[0] + GAP_MM) * (size[1] + GAP_MM)) for size in sizes.values())
    width = max([math.sqrt(area) * 1.1, *(float(size[0]) for size in sizes.values())])
    x = y = row = 0.0
    placed: dict[int, Part] = {}
    for part in sorted(parts, key=lambda each: -float(sizes[id(each)][1])):
        wide, deep, _ = (float(side) for side in sizes[id(part)])
        if x and x + wide > width:
            x, y, row = 0.0, y + row + GAP_MM, 0.0
        placed[id(part)] = replace(part, triangles=_at(part.triangles, x, y))
        x, row = x + wide + GAP_MM, max(row, deep)
    return tuple(placed[id(part)] for part in parts)


def _at(triangles: Triangles, x: float, y: float) -> Triangles:
    moved: Triangles = triangles - triangles.reshape(-1, 3).min(axis=0) + np.array([x, y, 0.0])
    return moved
