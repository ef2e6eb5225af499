"""What facets share: edges, bodies, copies."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from marketplace.designs.mesh.arrays import Flags, Floats, Ints, edge_keys
from marketplace.designs.mesh.wedges import wedges_of


@dataclass(frozen=True)
class Topology:
    """How the facets of a surface hang together.

    `body` numbers the body of each facet: those joined through edges of two facets, and, where more meet and
    places are known, those with material between them. `open_edges` are pairs of points with one facet, or
    more than two, at them; `turned` the facets at edges that both of their facets run through in the same
    direction.
    """

    body: Ints
    bodies: int
    open_edges: Ints
    open_facets: Ints
    turned: Ints

    @property
    def watertight(self) -> bool:
        return not len(self.open_edges)

    @property
    def winding_consistent(self) -> bool:
        return not len(self.turned)

    def closed(self) -> Flags:
        """For each body, whether it has no open edge."""
        closed = np.ones(self.bodies, dtype=np.bool_)
        closed[self.body[self.open_facets]] = False
        return closed


def topology_of(faces: Ints, points: int, places: Floats | None = None) -> Topology:
    """Of facets (n, 3), each with three different points below `points`; n is at least 1. `places` (v, 3) of
    the points tell bodies apart that touch along edges."""
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    keys = edge_keys(start, end, points)
    order = np.argsort(keys)
    keys = keys[order]
    firsts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    counts = np.diff(firsts, append=len(keys))
    paired = firsts[counts == 2]
    one, other = order[paired], order[paired + 1]
    forwards = start < end
    turned = forwards[one] == forwards[other]
    many = np.repeat(counts > 2, counts)
    begin = stop = np.empty(0, dtype=np.int64)
    if places is not None and many.any():
        begin, stop = wedges_of(faces, places, order[many], keys[many])
    joined = np.concatenate([one // 3, begin]), np.concatenate([other // 3, stop])
    bodies, body = _components(*joined, len(faces))
    single = np.repeat(counts != 2, counts)
    loose = firsts[counts != 2]
    edges = np.stack([keys[loose] // points, keys[loose] % points], axis=1)
    both = np.concatenate([one[turned], other[turned]]) // 3
    return Topology(body, bodies, edges, order[single] // 3, both)


def copies_of(faces: Ints) -> tuple[Ints, Ints]:
    """Facets with the corners of an earlier one, turned the same way; and the facet each of them repeats."""
    # Rotated to begin with its lowest point, a facet keeps its direction.
    rows = np.arange(len(faces))
    first = faces.argmin(axis=1)
    turned = [faces[rows, (first + step) % 3] for step in range(3)]
    order = np.lexsort(turned)
    same = np.ones(len(faces) - 1, dtype=np.bool_)
    for column in turned:
        same &= column[order[1:]] == column[order[:-1]]
    begun = np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), rows, 0))
    return order[1:][same], order[begun[1:][same]]


def _components(one: Ints, other: Ints, facets: int) -> tuple[int, Ints]:
    joined = sparse.csr_matrix((np.ones(len(one), dtype=np.int8), (one, other)), shape=(facets, facets))
    count, label = csgraph.connected_components(joined, directed=False)
    return int(count), label.astype(np.int64)
