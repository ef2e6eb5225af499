"""Which triangle is seen at each pixel: a z-buffer in numpy, without display or GPU."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints, least, most

# Pixels and rows of triangles handled at once: bounds the memory whatever the model.
CHUNK: Final = 1_000_000
NOTHING: Final = -1


@dataclass(frozen=True)
class Raster:
    """Per pixel, row 0 on top: the nearest triangle (or NOTHING) and its depth (-inf where nothing is)."""

    triangle: Ints
    depth: Floats


@dataclass(frozen=True)
class _Spans:
    """What triangles cover of single rows: from which cell on how many, and the depth at the first one."""

    triangle: Ints
    cell: Ints
    count: Ints
    depth: Floats
    slope: Floats


def rasterise(corners: Floats, width: int, height: int) -> Raster:
    """Draw triangles (n, 3, 3) given in pixels: x right, y down, z towards the viewer."""
    triangle = np.full(width * height, NOTHING, dtype=np.int64)
    depth = np.full(width * height, -np.inf)
    for spans in _spans(corners, width, height):
        offset = np.cumsum(spans.count) - spans.count
        step = np.arange(int(spans.count.sum()))
        cell = np.repeat(spans.cell - offset, spans.count) + step
        slope = np.repeat(spans.slope, spans.count)
        z = np.repeat(spans.depth, spans.count) + slope * (step - np.repeat(offset, spans.count))
        np.maximum.at(depth, cell, z)
        front = z >= depth[cell]
        triangle[cell[front]] = np.repeat(spans.triangle, spans.count)[front]
    return Raster(triangle.reshape(height, width), depth.reshape(height, width))


def _spans(corners: Floats, width: int, height: int) -> Iterator[_Spans]:
    """In parts, each of few rows and few pixels."""
    y = corners[:, :, 1]
    top = np.clip(np.ceil(least(y) - 0.5), 0, height).astype(np.int64)
    bottom = np.clip(np.floor(most(y) - 0.5), -1, height - 1).astype(np.int64)
    x = corners[:, :, 0]
    beside = (least(x) > width) | (most(x) < 0)
    rows = np.where(beside, 0, np.clip(bottom - top + 1, 0, None))
    for some in _parts(rows):
        planes = _planes(corners[some])
        yield from _rows(planes, some, top[some], rows[some], width)


def _rows(planes: Floats, triangles: Ints, top: Ints, rows: Ints, width: int) -> Iterator[_Spans]:
    which = np.repeat(np.arange(len(rows)), rows)
    row = np.arange(len(which)) - np.repeat(np.cumsum(rows) - rows, rows) + top[which]
    left, right = np.zeros(len(which)), np.full(len(which), width - 1.0)
    for side in range(3):
        p, q, r = planes[which, side].T
        # Where the weight is no more below zero; neighbours may share a pixel on their edge, never miss it.
        height = q * row + r + 1e-9
        end = -height / np.where(p == 0, 1, p)
        np.maximum(left, end, out=left, where=p > 0)
        np.minimum(right, end, out=right, where=p < 0)
        right[(p == 0) & (height < 0)] = -1
    first, last = np.ceil(left).astype(np.int64), np.floor(right).astype(np.int64)
    count = np.clip(last - first + 1, 0, None)
    p, q, r = planes[which, 3].T
    depth = p * first + q * row + r
    for some in _parts(count):
        yield _Spans(triangles[which[some]], (row * width + first)[some], count[some], depth[some], p[some])


def _parts(sizes: Ints) -> list[Ints]:
    """Numbers of those that have any size, in parts of about CHUNK together."""
    drawn = np.flatnonzero(sizes)
    if not len(drawn):
        return []
    part = np.cumsum(sizes[drawn]) // CHUNK
    return np.split(drawn, np.flatnonzero(np.diff(part)) + 1)


def _planes(corners: Floats) -> Floats:
    """For each triangle the three barycentric weights and the depth as functions of the pixel: rows (p, q, r)
    of p x + q y + r. A triangle seen edge on has weights below zero everywhere."""
    planes = np.empty((len(corners), 4, 3))
    x, y, z = (corners[:, :, axis] for axis in range(3))
    for side in range(3):
        after, last = (side + 1) % 3, (side + 2) % 3
        planes[:, side, 0] = y[:, after] - y[:, last]
        planes[:, side, 1] = x[:, last] - x[:, after]
        planes[:, side, 2] = x[:, after] * y[:, last] - x[:, last] * y[:, after]
    area = planes[:, 0, 2] + planes[:, 1, 2] + planes[:, 2, 2]
    flat = np.abs(area) < 1e-9
    planes[:, :3] /= np.where(flat, 1, area)[:, None, None]
    planes[flat, :3] = (0.0, 0.0, -1.0)
    # The centre of pixel (x, y) lies at (x + 0.5, y + 0.5).
    planes[:, :3, 2] += (planes[:, :3, 0] + planes[:, :3, 1]) / 2
    planes[:, 3] = planes[:, 0] * z[:, :1] + planes[:, 1] * z[:, 1:2] + planes[:, 2] * z[:, 2:]
    return planes


def mixed(corners: Floats, values: Floats) -> Floats:
    """What values at the corners of triangles (n, 3, k) become over the pixels: rows (p, q, r) of
    p x + q y + r, (n, k, 3)."""
    weights = _planes(corners)[:, :3]
    over = values[:, 0, :, None] * weights[:, 0, None, :]
    for side in (1, 2):
        over += values[:, side, :, None] * weights[:, side, None, :]
    return over
