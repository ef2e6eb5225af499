"""What a raster of twice the size says about each pixel of a picture."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from marketplace.designs.mesh.arrays import Flags, Floats, Ints
from marketplace.designs.mesh.raster import NOTHING, Raster

OVERSAMPLE: Final = 2
STEP: Final = 4
"""Windows are whole numbers of so many pixels."""
OUTLINE: Final = (12, 60, 0.30)
HOLLOW: Final = (120, 0.35)
"""In pixels of the raster: a step in depth that is drawn, one that is drawn in full, and how dark that is."""


@dataclass(frozen=True)
class Seen:
    """The window of a picture, from (`top`, `left`), that holds the model: for each pixel the share that it
    covers, the nearest depth and how much crevices and outlines leave of the light; and for each of four
    times as many samples the triangle."""

    top: int
    left: int
    triangle: Ints
    cover: Floats
    depth: Floats
    bright: Floats

    @property
    def window(self) -> tuple[slice, slice]:
        height, width = self.cover.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def seen_in(raster: Raster) -> Seen:
    """The model must be seen somewhere."""
    there = raster.triangle != NOTHING
    rows, columns = (_reach(there.any(axis=axis)) for axis in (1, 0))
    depth, there = raster.depth[rows, columns], there[rows, columns]
    floor = float(depth.min(where=there, initial=np.inf))
    solid = np.where(there, depth, floor)
    cover, nearest = summed(there.astype(np.float64)) / OVERSAMPLE**2, _nearest(solid)
    outline = summed(_clipped(_nearest_around(solid) - solid - OUTLINE[0], OUTLINE[1:])) / OVERSAMPLE**2
    hollow = _clipped(_around(nearest, cover > 0, floor) - nearest, HOLLOW)
    return Seen(
        top=rows.start // OVERSAMPLE,
        left=columns.start // OVERSAMPLE,
        triangle=raster.triangle[rows, columns],
        cover=cover,
        depth=nearest,
        bright=1 - outline - hollow,
    )


def summed(samples: Floats) -> Floats:
    """Of the samples (2 h, 2 w, ...) of each pixel."""
    total: Floats = samples[::2, ::2] + samples[1::2, ::2] + samples[::2, 1::2] + samples[1::2, 1::2]
    return total


def _reach(there: Flags) -> slice:
    """From the first to the last, and a little more."""
    step = STEP * OVERSAMPLE
    found = np.flatnonzero(there)
    if not len(found):
        return slice(0, step)
    return slice(max(0, found[0] // step - 1) * step, min(len(there), (found[-1] // step + 2) * step))


def _nearest(depth: Floats) -> Floats:
    rows = np.maximum(depth[::2], depth[1::2])
    nearest: Floats = np.maximum(rows[:, ::2], rows[:, 1::2])
    return nearest


def _nearest_around(depth: Floats) -> Floats:
    """Of each sample and its eight neighbours."""
    nearest = depth.copy()
    np.maximum(nearest[1:], depth[:-1], out=nearest[1:])
    np.maximum(nearest[:-1], depth[1:], out=nearest[:-1])
    column = nearest.copy()
    np.maximum(nearest[:, 1:], column[:, :-1], out=nearest[:, 1:])
    np.maximum(nearest[:, :-1], column[:, 1:], out=nearest[:, :-1])
    return nearest


def _clipped(depth: Floats, by: tuple[float, float]) -> Floats:
    dark: Floats = np.clip(depth / by[0], 0, by[1])
    return dark


def _around(depth: Floats, there: Flags, floor: float) -> Floats:
    """The mean depth of each pixel's surroundings; at a quarter of the resolution, as it is soft."""
    few, some = depth[1::STEP, 1::STEP] - floor, there[1::STEP, 1::STEP].astype(np.float64)
    inside = np.maximum(ndimage.gaussian_filter(some, 6 / STEP), 1e-3)
    around = ndimage.gaussian_filter(few * some, 6 / STEP) / inside + floor
    mean: Floats = ndimage.zoom(around, STEP, order=1, mode="nearest", grid_mode=True)
    return mean
