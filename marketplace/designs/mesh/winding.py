"""Facets turned so that neighbours agree which side is outside."""

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from marketplace.designs.mesh.arrays import Flags, Ints, edge_keys


def turned_to_agree(faces: Ints) -> tuple[Ints, int] | None:
    """Facets (n, 3) with as few as can be turned so that all neighbours agree, and how many were; None for
    a surface that runs into its own other side, as a Möbius strip does."""
    one, other, against = _neighbours(faces)
    count = len(faces)
    # Each facet once as it is and once turned: neighbours tie together what agrees.
    ends = np.where(against, count, 0)
    rows = np.concatenate([one, one + count])
    columns = np.concatenate([other + ends, other + count - ends])
    ties = sparse.csr_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(2 * count,) * 2)
    parts, label = csgraph.connected_components(ties, directed=False)
    kept, turned = label[:count], label[count:]
    if (kept == turned).any():
        return None
    size = np.bincount(kept, minlength=parts)
    wrong: Flags = (size[kept] < size[turned]) | ((size[kept] == size[turned]) & (kept > turned))
    agreed = faces.copy()
    agreed[wrong] = faces[wrong][:, ::-1]
    return agreed, int(wrong.sum())


def _neighbours(faces: Ints) -> tuple[Ints, Ints, Flags]:
    """Pairs of facets that are alone at an edge, and whether they run along it in the same direction."""
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    keys = edge_keys(start, end, int(faces.max()) + 1)
    order = np.argsort(keys, kind="stable")
    firsts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    paired = firsts[np.diff(firsts, append=len(keys)) == 2]
    one, other = order[paired], order[paired + 1]
    forwards = start < end
    return one // 3, other // 3, forwards[one] == forwards[other]
