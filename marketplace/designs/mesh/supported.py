"""How much support stands at each height, and how long its outline is: on a grid, as slicers lay it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints
from marketplace.designs.mesh.support import Columns

CELL_MM: Final = 2.85
"""From line to line of support: 2.5 mm and a line."""
MOST_CELLS: Final = 256
"""Along either side."""


LEANS: Final = (1.0, 2.0, 4.0, 10.0)
"""Where classes of what hangs over begin: how far it goes sideways for its height."""
LEAST_MM: Final = 1.0
"""What is lower has no support, as slicers leave a gap of 0.2 above it and one below."""


@dataclass(frozen=True)
class Supported:
    """For each band the mean area in mm2 of the cells that support stands in, and the outline around them in
    mm; for each of `LEANS` the area in mm2 of the cells where it touches the part from below, and of those
    where it stands on the part."""

    area: Floats
    outline: Floats
    contact: tuple[float, ...]
    resting: float


def supported(columns: Columns, edges: Floats) -> Supported:
    """Between rising heights, from the bed to the top."""
    kept = columns.top[:, 2] - columns.bottom > LEAST_MM
    bands = len(edges) - 1
    if not kept.any():
        return Supported(np.zeros(bands), np.zeros(bands), (0.0,) * len(LEANS), 0.0)
    places, top, bottom = columns.top[kept, :2], columns.top[kept, 2], columns.bottom[kept]
    places = places - places.min(axis=0)
    cell = max(CELL_MM, float(places.max()) / MOST_CELLS)
    x, y = (places / cell).astype(np.int64).T
    wide = int(y.max()) + 3
    keys = (x + 1) * wide + y + 1
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    covers = np.minimum(top[order, None], edges[1:]) - np.maximum(bottom[order, None], edges[:-1])
    grid = np.zeros(((int(x.max()) + 3) * wide, bands))
    grid[keys[order][starts]] = np.maximum.reduceat(np.clip(covers / np.diff(edges), 0, 1), starts)
    square = grid.reshape(-1, wide, bands)
    around = sum(np.abs(np.diff(square, axis=axis)).sum(axis=(0, 1)) for axis in (0, 1))
    kind = np.clip(np.searchsorted(LEANS, columns.lean[kept]) - 1, 0, None)
    rise = top - edges[0]
    on_part = bottom > edges[0] + LEAST_MM
    return Supported(
        area=grid.sum(axis=0) * cell**2,
        outline=around * cell,
        contact=tuple(_cells(keys[kind == each], rise[kind == each], cell) for each in range(len(LEANS))),
        resting=_cells(keys[on_part], bottom[on_part] - edges[0], cell),
    )


def _cells(keys: Ints, heights: Floats, cell: float) -> float:
    """The area in mm2 of all the cells there are, those above one another each."""
    floors = (heights / cell).astype(np.int64)
    return len(np.unique(keys * (floors.max(initial=0) + 1) + floors)) * cell**2
