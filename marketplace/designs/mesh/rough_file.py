"""The child process that writes what a design is sliced from to estimate it:
`python -m marketplace.designs.mesh.rough_file MODEL OUT`.

Slicers see our own binary STL alone, never an upload. Large models lose facets, as for time and weight a
tenth of them say the same; what is printed is another file.
"""

import sys
from pathlib import Path
from typing import Final

import fast_simplification
import numpy as np

from marketplace.designs.mesh.arrays import Floats
from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.stl import write_binary
from marketplace.designs.mesh.surface import surface_of

MOST_FACETS: Final = 60_000
REFUSED: Final = 65


def rough(triangles: Floats) -> Floats:
    """The same shape in at most about MOST_FACETS facets (n, 3, 3), standing on the bed, without welding what
    need not be."""
    if len(triangles) > MOST_FACETS:
        surface, _ = surface_of(triangles)
        points, faces = fast_simplification.simplify(surface.points, surface.faces, target_count=MOST_FACETS)
        triangles = np.asarray(points, dtype=np.float64)[faces]
    standing: Floats = triangles - triangles.reshape(-1, 3).min(axis=0)
    return standing


def main() -> int:
    model, out = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        triangles = load(model, Limits())
    except ModelRefused as refusal:
        sys.stderr.write(refusal.reason.message)
        return REFUSED
    out.write_bytes(write_binary(rough(triangles)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
