"""Which facets bound the same material where more than two meet at an edge: those of touching bodies do."""

from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints, crosses, dots

# Facets nearer to one another, in radians, lie on one another.
SAME_ANGLE: Final = 1e-6


def wedges_of(faces: Ints, places: Floats, halves: Ints, edges: Ints) -> tuple[Ints, Ints]:
    """Pairs of facets with material between them. `halves` are edges of facets, the number of the facet times
    three and that of its corner, sorted by the numbers `edges` of the edges they are; `places` (v, 3).

    Around an edge, facets that run along it and against it take turns. Where they do not, there are none.
    """
    facet, corner = halves // 3, halves % 3
    start, end, far = (faces[facet, (corner + step) % 3] for step in range(3))
    along = start < end
    low, high = np.minimum(start, end), np.maximum(start, end)
    angle = _angles(places[low], places[high], places[far])
    # What bounds material before it comes before what bounds material behind it.
    order = np.lexsort((~along, angle, edges))
    facet, along, edge = facet[order], along[order], edges[order]
    first = np.flatnonzero(np.concatenate([[True], edge[1:] != edge[:-1]]))
    following = np.arange(1, len(edge) + 1)
    following[np.append(first[1:], len(edge)) - 1] = first
    begin = ~along & along[following]
    return facet[begin], facet[following[begin]]


def _angles(low: Floats, high: Floats, far: Floats) -> Ints:
    """Of each facet around its edge, counted in SAME_ANGLE."""
    axis = high - low
    aside = np.eye(3)[np.abs(axis).argmin(axis=1)]
    right = crosses(axis, aside)
    up = crosses(axis, right) / np.sqrt(dots(axis, axis))[:, None]
    towards = far - low
    angle = np.arctan2(dots(towards, up), dots(towards, right))
    cells: Ints = np.rint(angle % (2 * np.pi) / SAME_ANGLE).astype(np.int64)
    return cells % round(2 * np.pi / SAME_ANGLE)
