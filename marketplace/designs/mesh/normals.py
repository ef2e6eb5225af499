"""Normals for shading: smooth across gentle bends, sharp at edges."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]

CREASE_COSINE: Final = math.cos(math.radians(32))
# Above this many facet pairs a model is fine enough to look smooth facet by facet.
PAIR_LIMIT: Final = 3_000_000


def face_normals(triangles: Floats) -> Floats:
    """Unit normals (n, 3); zero for facets without area."""
    crossed = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    length = np.linalg.norm(crossed, axis=1, keepdims=True)
    unit: Floats = crossed / np.where(length > 0, length, 1)
    return unit


def corner_normals(triangles: Floats) -> Floats:
    """Unit normals (n, 3, 3), a corner each: the mean of the facets meeting there within the crease angle."""
    faces = face_normals(triangles)
    count = len(triangles)
    spot = _spots(triangles)
    corners = np.arange(count * 3)
    meeting = np.bincount(spot)
    if float((meeting.astype(np.float64) ** 2).sum()) > PAIR_LIMIT:
        return np.repeat(faces[:, None, :], 3, axis=1)
    at_spot = sparse.csr_matrix((np.ones(count * 3), (spot, corners // 3)), shape=(len(meeting), count))
    pairs = at_spot[spot].tocoo()
    near = np.einsum("ij,ij->i", faces[pairs.row // 3], faces[pairs.col]) > CREASE_COSINE
    mixing = sparse.csr_matrix(
        (np.ones(near.sum()), (pairs.row[near], pairs.col[near])), shape=(count * 3, count)
    )
    areas = np.linalg.norm(
        np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1
    )
    mixed = mixing @ (faces * areas[:, None])
    length = np.linalg.norm(mixed, axis=1, keepdims=True)
    own = np.repeat(faces, 3, axis=0)
    smooth: Floats = np.where(length > 0, mixed / np.where(length > 0, length, 1), own)
    return smooth.reshape(count, 3, 3)


def _spots(triangles: Floats) -> npt.NDArray[np.int64]:
    """The same number for corners at the same place."""
    scale = np.abs(triangles).max() or 1.0
    cells = np.round(triangles.reshape(-1, 3) / scale * 1e6).astype(np.int64)
    keys = (cells[:, 0] * 2_000_003 + cells[:, 1]) * 2_000_003 + cells[:, 2]
    inverse: npt.NDArray[np.int64] = np.unique(keys, return_inverse=True)[1]
    return inverse
