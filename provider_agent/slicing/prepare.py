"""Read untrusted STL and write what lies on a plate as one clean STL, standing on z = 0 and centred. A script
run as a child process of its own.

python -I prepare.py CLEAN_STL BED_X BED_Y BED_Z PLACED (micrometres); PLACED is JSON: for each model its
path and the places of its copies, [[path, [[x_um, y_um, turned], ...]], ...]. It prints one JSON object:
{"size_um": [x, y, z], "facets": n}, or {"refused": "unreadable" | "too-large", "why": sentence}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

SLACK_UM = 1
LEAST_MM3 = 1e-6
BINARY_HEADER_BYTES = 84
FACET_BYTES = 50
QUARTER_TURN = np.array([[0.0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


class Refused(Exception):
    """The reason's kind and a sentence for people."""


def load(path: Path) -> Any:
    """The mesh of an STL file, merged. Raises Refused for what is no closed model."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(BINARY_HEADER_BYTES)
    ascii_text = head.lstrip()[:5].lower() == b"solid"
    promised = BINARY_HEADER_BYTES + FACET_BYTES * int.from_bytes(head[80:84], "little")
    if size < BINARY_HEADER_BYTES or (not ascii_text and promised != size):
        raise Refused(
            "unreadable", f"the file is no complete STL: {size} bytes, its header promises {promised}"
        )
    try:
        mesh = trimesh.load_mesh(path, file_type="stl")
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise Refused("unreadable", f"the STL cannot be read: {error}") from error
    if len(mesh.faces) == 0 or not np.isfinite(mesh.vertices).all():
        raise Refused("unreadable", "the STL has no facets, or points that are not numbers")
    mesh.merge_vertices()
    if not (mesh.extents * 1000 >= 1).all() or abs(mesh.volume) < LEAST_MM3:
        raise Refused("unreadable", "the STL has no volume; a part needs thickness in every direction")
    if not mesh.is_watertight:
        raise Refused("unreadable", "the surface is not closed; repair the model so that it is watertight")
    if mesh.volume < 0:
        mesh.invert()
    return mesh


def fit(mesh: Any, bed_um: tuple[int, int, int]) -> list[int]:
    """Turn by a quarter if only that fits, stand on z = 0 around the origin; the size in micrometres.
    Raises Refused."""
    size = [round(float(length) * 1000) for length in mesh.extents]
    room = [length + SLACK_UM for length in bed_um]
    upright = size[0] <= room[0] and size[1] <= room[1]
    turned = size[1] <= room[0] and size[0] <= room[1]
    if size[2] > room[2] or not (upright or turned):
        part, bed = (" x ".join(f"{length / 1000:g}" for length in box) for box in (size, bed_um))
        raise Refused("too-large", f"the part is {part} mm, the printer has room for {bed} mm")
    if not upright:
        mesh.apply_transform(QUARTER_TURN)
        size[0], size[1] = size[1], size[0]
    low, high = mesh.bounds
    mesh.apply_translation([-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -low[2]])
    return size


def plate(placed: list[Any], bed_um: tuple[int, int, int]) -> tuple[Any, list[int]]:
    """All copies in their places as one mesh, and its size in micrometres. Raises Refused."""
    copies = []
    for path, places in placed:
        mesh = load(Path(path))
        size = fit(mesh, bed_um)
        copies += [moved(mesh, *place) for place in places]
    if len(copies) == 1:
        return mesh, size
    whole = trimesh.util.concatenate(copies)
    return whole, fit(whole, bed_um)


def moved(mesh: Any, x_um: int, y_um: int, turned: bool) -> Any:
    """A copy whose middle is there."""
    copy = mesh.copy()
    if turned:
        copy.apply_transform(QUARTER_TURN)
    copy.apply_translation([x_um / 1000, y_um / 1000, 0])
    return copy


def main(arguments: list[str]) -> dict[str, Any]:
    """What to print."""
    clean, *bed, placed = arguments
    try:
        x, y, z = (int(length) for length in bed)
        mesh, size = plate(json.loads(placed), (x, y, z))
    except Refused as refusal:
        kind, why = refusal.args
        return {"refused": kind, "why": why}
    Path(clean).write_bytes(trimesh.exchange.stl.export_stl(mesh))
    return {"size_um": size, "facets": len(mesh.faces)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
