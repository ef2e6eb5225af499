"""Which triangle is seen at each pixel: a z-buffer in numpy, without display or GPU."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Candidate pixels handled at once: bounds the memory whatever the model.
CHUNK: Final = 1_000_000
NOTHING: Final = -1


@dataclass(frozen=True)
class Raster:
    """Per pixel, row 0 on top: the nearest triangle (or NOTHING) and its depth (-inf where nothing is)."""

    triangle: Ints
    depth: Floats


def rasterise(corners: Floats, width: int, height: int) -> Raster:
    """Draw triangles (n, 3, 3) given in pixels: x right, y down, z towards the viewer."""
    triangle = np.full(width * height, NOTHING, dtype=np.int64)
    depth = np.full(width * height, -np.inf)
    low, high = _boxes(corners, width, height)
    sizes = np.clip(high - low + 1, 0, None)
    pixels = sizes.prod(axis=1)
    planes = _planes(corners)
    for chosen in _chunks(pixels):
        at, x, y = _candidates(chosen, low, sizes, pixels)
        for side in range(3):
            hit = _height(planes[:, side], at, x, y) >= -1e-9
            at, x, y = at[hit], x[hit], y[hit]
        z = _height(planes[:, 3], at, x, y)
        cell = y * width + x
        np.maximum.at(depth, cell, z)
        front = z >= depth[cell]
        triangle[cell[front]] = at[front]
    return Raster(triangle.reshape(height, width), depth.reshape(height, width))


def _boxes(corners: Floats, width: int, height: int) -> tuple[Ints, Ints]:
    edge = np.array([width - 1, height - 1])
    flat = corners[:, :, :2]
    low = np.clip(np.ceil(flat.min(axis=1) - 0.5), 0, edge + 1).astype(np.int64)
    high = np.clip(np.floor(flat.max(axis=1) - 0.5), -1, edge).astype(np.int64)
    return low, high


def _chunks(pixels: Ints) -> list[Ints]:
    drawn = np.flatnonzero(pixels > 0)
    if not len(drawn):
        return []
    part = np.cumsum(pixels[drawn]) // CHUNK
    return np.split(drawn, np.flatnonzero(np.diff(part)) + 1)


def _candidates(chosen: Ints, low: Ints, sizes: Ints, pixels: Ints) -> tuple[Ints, Ints, Ints]:
    """Every pixel of each chosen triangle's box: triangle, column and row, (m,) each."""
    counts = pixels[chosen]
    at = np.repeat(chosen, counts)
    offset = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    down, right = np.divmod(offset, sizes[at, 0])
    return at, low[at, 0] + right, low[at, 1] + down


def _planes(corners: Floats) -> Floats:
    """For each triangle the three barycentric weights and the depth as functions of the pixel: rows (p, q, r)
    of p x + q y + r. A triangle seen edge on has weights below zero everywhere."""
    after, last = np.roll(corners, -1, axis=1), np.roll(corners, -2, axis=1)
    p = after[:, :, 1] - last[:, :, 1]
    q = last[:, :, 0] - after[:, :, 0]
    r = after[:, :, 0] * last[:, :, 1] - last[:, :, 0] * after[:, :, 1]
    area = r.sum(axis=1)[:, None, None]
    flat = np.abs(area) < 1e-9
    weights = np.where(
        flat, np.array([0.0, 0.0, -1.0]), np.stack([p, q, r], axis=2) / np.where(flat, 1, area)
    )
    # The centre of pixel (x, y) lies at (x + 0.5, y + 0.5).
    weights[:, :, 2] += (weights[:, :, 0] + weights[:, :, 1]) / 2
    depth = np.einsum("ni,nij->nj", corners[:, :, 2], weights)
    return np.concatenate([weights, depth[:, None]], axis=1)


def _height(plane: Floats, at: Ints, x: Ints, y: Ints) -> Floats:
    height: Floats = plane[at, 0] * x + plane[at, 1] * y + plane[at, 2]
    return height


def barycentric(corners: Floats, x: Ints, y: Ints) -> Floats:
    """Weights (m, 3) of pixels in their own triangles (m, 3, 3), each row summing to one."""
    planes = _planes(corners)
    weights = planes[:, :3, 0] * x[:, None] + planes[:, :3, 1] * y[:, None] + planes[:, :3, 2]
    weights = np.clip(weights, 0, None)
    total = weights.sum(axis=1, keepdims=True)
    return np.where(total > 0, weights / np.where(total > 0, total, 1), 1 / 3)
