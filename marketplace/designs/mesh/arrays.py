"""Names of arrays, and the row-wise products that every measure needs."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def dots(first: Floats, second: Floats) -> Floats:
    """Scalar products along the last axis."""
    product: Floats = np.einsum("...i,...i->...", first, second)
    return product


def crosses(first: Floats, second: Floats) -> Floats:
    """Vector products of rows (n, 3). Written out, as numpy's own takes thrice as long."""
    made = np.empty(np.broadcast_shapes(first.shape, second.shape))
    for axis in range(3):
        after, last = (axis + 1) % 3, (axis + 2) % 3
        made[..., axis] = first[..., after] * second[..., last] - first[..., last] * second[..., after]
    return made


def least(rows: Floats) -> Floats:
    """The least of each row (n, 3). Written out, as numpy's own takes several times as long."""
    found: Floats = np.minimum(np.minimum(rows[:, 0], rows[:, 1]), rows[:, 2])
    return found


def most(rows: Floats) -> Floats:
    """The greatest of each row (n, 3)."""
    found: Floats = np.maximum(np.maximum(rows[:, 0], rows[:, 1]), rows[:, 2])
    return found


def edge_keys(start: Ints, end: Ints, points: int) -> Ints:
    """A number for each edge between two of so many points, whichever way it runs."""
    keys: Ints = np.minimum(start, end) * points + np.maximum(start, end)
    return keys


def box_of(points: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest coordinates of points (n, 3); n is at least 1."""
    return points.min(axis=0), points.max(axis=0)
