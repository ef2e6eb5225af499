"""From where a model is looked at, and where in the picture a point of it is then seen."""

from dataclasses import dataclass

import numpy as np

from marketplace.designs.mesh.arrays import Floats

WIDTH, HEIGHT = 640, 480


def unit(*parts: float) -> Floats:
    vector = np.array(parts)
    length: Floats = vector / np.linalg.norm(vector)
    return length


@dataclass(frozen=True)
class View:
    """An orthographic look at the model: rows of `axes` are right, down and towards the viewer."""

    axes: Floats
    scale: float
    shift: Floats

    @property
    def towards(self) -> Floats:
        towards: Floats = self.axes[2]
        return towards

    def pixels(self, points: Floats) -> Floats:
        seen = np.empty(points.shape)
        # Column by column: numpy multiplies many small rows by a matrix several times as slowly.
        for number, (a, b, c) in enumerate(self.axes * self.scale):
            seen[..., number] = points[..., 0] * a + points[..., 1] * b + points[..., 2] * c
        seen += self.shift
        return seen

    def enlarged(self, factor: int) -> "View":
        return View(self.axes, self.scale * factor, self.shift * factor)

    def points(self, pixels: Floats) -> Floats:
        back: Floats = ((pixels - self.shift) / self.scale) @ self.axes
        return back

    def moved(self, by: Floats) -> "View":
        """The same look at points that are `by` farther along."""
        return View(self.axes, self.scale, self.shift - (self.axes @ by) * self.scale)

    def to_json(self) -> list[list[float]]:
        """Two rows (a, b, c, d): a point (x, y, z) is seen at a x + b y + c z + d, right and down."""
        rows = np.concatenate([self.axes * self.scale, self.shift[:, None]], axis=1)[:2]
        found: list[list[float]] = np.round(rows, 6).tolist()
        return found


def looking(towards: Floats, points: Floats, width: int, height: int, margin: float) -> View:
    """The look from `towards` in which all points fill a picture but for its margin, as a share."""
    upright = abs(towards[2]) < 0.999
    up = np.array([0.0, 0.0, 1.0]) if upright else np.array([0.0, 1.0, 0.0])
    right = unit(*np.cross(up, towards))
    axes = np.stack([right, -np.cross(towards, right), towards])
    flat = points @ axes.T
    low, high = flat.min(axis=0), flat.max(axis=0)
    span = np.maximum(high - low, 1e-9)
    scale = float(min(width / span[0], height / span[1]) * (1 - 2 * margin))
    centre = (low + high) / 2 * scale
    return View(axes, scale, np.array([width / 2 - centre[0], height / 2 - centre[1], 0.0]))
