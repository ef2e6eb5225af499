"""Normals for shading: smooth across gentle bends, sharp at edges."""

import math
from typing import Final

import numpy as np
from scipy import sparse

from marketplace.designs.mesh.arrays import Floats, Ints, crosses, dots

CREASE_COSINE: Final = math.cos(math.radians(32))
# Above this many facet pairs a model is fine enough to look smooth facet by facet.
PAIR_LIMIT: Final = 3_000_000


def face_normals(points: Floats, faces: Ints) -> Floats:
    """Unit normals (n, 3) of facets of points (v, 3); zero for facets without area."""
    return _unit(_crossed(points, faces))


def corner_normals(points: Floats, faces: Ints) -> Floats:
    """Unit normals (n, 3, 3), a corner each: the mean of the facets meeting there within the crease angle,
    each as large as it is."""
    crossed = _crossed(points, faces)
    facing = _unit(crossed)
    count, spot = len(faces), faces.ravel()
    meeting = np.bincount(spot)
    if float((meeting.astype(np.float64) ** 2).sum()) > PAIR_LIMIT:
        return np.repeat(facing[:, None, :], 3, axis=1)
    corners = np.arange(count * 3)
    at_spot = sparse.csr_matrix((np.ones(count * 3), (spot, corners // 3)), shape=(len(meeting), count))
    pairs = at_spot[spot].tocoo()
    near = dots(facing[pairs.row // 3], facing[pairs.col]) > CREASE_COSINE
    mixing = sparse.csr_matrix(
        (np.ones(near.sum()), (pairs.row[near], pairs.col[near])), shape=(count * 3, count)
    )
    mixed = mixing @ crossed
    length = np.sqrt(dots(mixed, mixed))[:, None]
    own = np.repeat(facing, 3, axis=0)
    smooth: Floats = np.where(length > 0, mixed / np.where(length > 0, length, 1), own)
    return smooth.reshape(count, 3, 3)


def _crossed(points: Floats, faces: Ints) -> Floats:
    first = points[faces[:, 0]]
    return crosses(points[faces[:, 1]] - first, points[faces[:, 2]] - first)


def _unit(vectors: Floats) -> Floats:
    length = np.sqrt(dots(vectors, vectors))
    unit: Floats = vectors / np.where(length > 0, length, 1)[:, None]
    return unit
