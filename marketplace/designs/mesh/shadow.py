"""Soft shadows: how much of the light reaches a point."""

from typing import Final

import numpy as np
from scipy import ndimage

from marketplace.designs.mesh.arrays import Floats, Ints
from marketplace.designs.mesh.raster import rasterise
from marketplace.designs.mesh.views import looking, unit

SIDE: Final = 640
BLUR: Final = 2.0
TAPS: Final = (np.arange(4) - 1.5) * BLUR * 1.3
TO_LIGHT: Final = unit(-0.35, -0.75, 1.25)


class Shadow:
    """A depth map of a model seen from the light, looked up softly."""

    def __init__(self, points: Floats, faces: Ints) -> None:
        """Of points (v, 3) in mm and facets (n, 3); the bed is at z = 0."""
        self._view = looking(TO_LIGHT, points, SIDE, SIDE, margin=0.03)
        depth = rasterise(self._view.pixels(points)[faces], SIDE, SIDE).depth
        self._depth = depth.ravel()
        x, y = np.meshgrid(np.arange(SIDE) + 0.5, np.arange(SIDE) + 0.5)
        covered = depth > self._bed_depth(x, y) + 4 * BLUR
        self._bed_dark = ndimage.uniform_filter(covered.astype(np.float32), round(4 * BLUR * 1.3)).ravel()

    def light(self, points: Floats) -> Floats:
        """At points (n, 3) in mm, 0..1."""
        seen = self._view.pixels(points)
        depth = seen[:, 2] + 4 * BLUR
        columns = [np.clip(seen[:, 0] + tap, 0, SIDE - 1).astype(np.int64) for tap in TAPS]
        lit = np.zeros(len(points), dtype=np.int64)
        for tap in TAPS:
            row = np.clip(seen[:, 1] + tap, 0, SIDE - 1).astype(np.int64) * SIDE
            for column in columns:
                lit += self._depth[row + column] <= depth
        return lit / len(TAPS) ** 2

    def bed_light(self, x: Floats, y: Floats) -> Floats:
        """At points (x, y, 0) of the bed, 0..1."""
        a, b = (self._view.axes[:2] * self._view.scale)[:, :2]
        column = np.clip(x * a[0] + y * a[1] + self._view.shift[0], 0, SIDE - 1).astype(np.int64)
        row = np.clip(x * b[0] + y * b[1] + self._view.shift[1], 0, SIDE - 1).astype(np.int64)
        light: Floats = 1.0 - self._bed_dark[row * SIDE + column]
        return light

    def _bed_depth(self, x: Floats, y: Floats) -> Floats:
        """How far towards the light the bed is at pixels of the map."""
        right, down, towards = self._view.axes
        # The point of the line of sight through a pixel where its z is zero.
        side = (x - self._view.shift[0]) * right[2] + (y - self._view.shift[1]) * down[2]
        depth: Floats = -side / towards[2] + self._view.shift[2]
        return depth
