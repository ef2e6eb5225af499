"""What a child does that writes what a design is sliced from to estimate it (see warm.py).

Slicers see our own binary STL alone, never an upload. Large models lose facets, as for time and weight a
tenth of them say the same; what is printed is another file.
"""

from pathlib import Path
from typing import Final

import fast_simplification
import numpy as np

from marketplace.designs.mesh.arrays import Floats
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.load import Limits, opened
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.stl import write_binary
from marketplace.designs.mesh.surface import surface_of

MOST_FACETS: Final = 60_000


def rough(triangles: Floats) -> Floats:
    """The same shape in at most about MOST_FACETS facets (n, 3, 3), standing on the bed, without welding what
    need not be."""
    if len(triangles) > MOST_FACETS:
        surface, _ = surface_of(triangles)
        points, faces = fast_simplification.simplify(surface.points, surface.faces, target_count=MOST_FACETS)
        triangles = np.asarray(points, dtype=np.float64)[faces]
    standing: Floats = triangles - triangles.reshape(-1, 3).min(axis=0)
    return standing


def roughened(model: Path, made: Path, unit: str = "") -> dict[str, object]:
    """The answer for one file, as JSON-ready members: how many facets were written to `made`."""
    try:
        triangles = rough(opened(model, Limits(), Unit(unit) if unit else None).triangles)
    except ModelRefused as refusal:
        return {"refused": {"code": refusal.reason.code, "message": refusal.reason.message}}
    made.write_bytes(write_binary(triangles))
    return {"facets": len(triangles)}
