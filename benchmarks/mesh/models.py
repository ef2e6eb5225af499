"""Models of any number of facets, made by formula and written as binary STL."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FACET: Final = np.dtype([("normal", "<f4", 3), ("points", "<f4", (3, 3)), ("attribute", "<u2")])
CORNERS: Final = np.eye(3)


def ball(facets: int) -> Floats:
    """A closed ball of 100 mm: an octahedron's sides divided, about `facets` in all."""
    steps = max(2, round((facets / 8) ** 0.5))
    row, column = np.meshgrid(np.arange(steps), np.arange(steps), indexing="ij")
    side = np.concatenate(
        [
            _triangles(row, column, steps, ((0, 0), (1, 0), (0, 1)), row + column < steps),
            _triangles(row, column, steps, ((1, 0), (1, 1), (0, 1)), row + column < steps - 1),
        ]
    )
    signs = [np.array([x, y, z]) for x in (1, -1) for y in (1, -1) for z in (1, -1)]
    octants = [side * sign if sign.prod() > 0 else (side * sign)[:, ::-1] for sign in signs]
    return 50 * np.concatenate(octants)


def terrain(facets: int) -> Floats:
    """A closed block of 100 x 100 mm, rough on top and flat below, with detail down to single squares."""
    side = max(2, round((facets / 4) ** 0.5))
    line = np.linspace(0, 100, side + 1)
    x, y = np.meshgrid(line, line, indexing="ij")
    rough = np.random.default_rng(1).normal(0, 20 / side, x.shape)
    top = np.stack([x, y, 12 + 6 * np.sin(x / 7) * np.cos(y / 9) + rough], axis=-1)
    floor = np.stack([x, y, np.zeros_like(x)], axis=-1)
    rims = [(floor[:, 0], top[:, 0]), (floor[-1], top[-1])]
    rims += [(floor[::-1, -1], top[::-1, -1]), (floor[0, ::-1], top[0, ::-1])]
    walls = [_sheet(np.stack([low, high], axis=1)) for low, high in rims]
    return np.concatenate([_sheet(top), _sheet(floor)[:, ::-1], *walls])


def shuffled(triangles: Floats) -> Floats:
    """The same facets in no order: what a program that sorts by something else leaves."""
    return np.random.default_rng(2).permutation(triangles)


def write(triangles: Floats, path: Path) -> None:
    rows = np.zeros(len(triangles), FACET)
    rows["points"] = triangles
    path.write_bytes(b"benchmark".ljust(80) + len(rows).to_bytes(4, "little") + rows.tobytes())


def _triangles(
    row: npt.NDArray[np.int64],
    column: npt.NDArray[np.int64],
    steps: int,
    offsets: tuple[tuple[int, int], ...],
    there: npt.NDArray[np.bool_],
) -> Floats:
    corners = []
    for down, right in offsets:
        a, b = row[there] + down, column[there] + right
        flat = np.stack([a, b, steps - a - b], axis=-1) / steps @ CORNERS
        corners.append(flat / np.linalg.norm(flat, axis=-1, keepdims=True))
    return np.stack(corners, axis=1)


def _sheet(points: Floats) -> Floats:
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    return np.stack([np.stack([a, b, c], axis=2), np.stack([a, c, d], axis=2)]).reshape(-1, 3, 3)
