"""Pictures of a model on a print bed with a 10 mm grid: soft light, soft shadows, no display and no GPU.

The camera is orthographic, so the model's own lengths compare. The model is drawn at twice the size and
scaled down, which smooths its edges.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from marketplace.designs.mesh.angles import ANGLES, THUMBNAIL
from marketplace.designs.mesh.arrays import Floats
from marketplace.designs.mesh.normals import corner_normals
from marketplace.designs.mesh.raster import NOTHING, Raster, barycentric, rasterise
from marketplace.designs.mesh.views import HEIGHT, WIDTH, View, looking, unit

OVERSAMPLE: Final = 2
MODEL_COLOUR: Final = np.array([0.30, 0.53, 0.86])
BED_COLOUR: Final = np.array([0.925, 0.935, 0.95])
EDGE_COLOUR: Final = np.array([0.80, 0.83, 0.875])
GRID_COLOUR: Final = np.array([0.70, 0.745, 0.81])
SHADOW_MAP: Final = 640
SHADOW_BLUR: Final = 2.0


TO_LIGHT: Final = unit(-0.35, -0.75, 1.25)
TO_FILL: Final = unit(1.0, -0.2, 0.35)


class Scene:
    """A model of triangles (n, 3, 3) in mm, z up, on its bed: seen from anywhere."""

    def __init__(self, triangles: Floats) -> None:
        corners = triangles.reshape(-1, 3)
        middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
        self._at = np.array([middle[0], middle[1], corners[:, 2].min()])
        self._model = triangles - self._at
        self._normals = corner_normals(self._model)
        self._shadow = _Shadow(self._model)

    def seen(self, angle: str) -> tuple[Image.Image, View]:
        """A 640 x 480 RGB picture from one angle, and where in it the model's own coordinates are seen."""
        view = looking(unit(*ANGLES[angle]), self._model.reshape(-1, 3), WIDTH, HEIGHT, margin=0.13)
        colour, cover = _model(self._model, self._normals, view.enlarged(OVERSAMPLE), self._shadow)
        colour, cover = _scaled_down(colour), _scaled_down(cover[:, :, None])
        # From below, the bed would hide the model.
        ground = _bed(view, self._shadow, cover[:, :, 0]) if view.towards[2] > 0 else _backdrop(*_pixels())
        levels = np.clip(ground * (1 - cover) + colour, 0, 1) * 255
        return Image.fromarray(levels.round().astype(np.uint8)), view.moved(self._at)


def render(triangles: Floats) -> Image.Image:
    """The thumbnail: a 640 x 480 RGB picture of triangles (n, 3, 3) in mm, z up."""
    return Scene(triangles).seen(THUMBNAIL)[0]


def _scaled_down(image: Floats) -> Floats:
    small: Floats = image.reshape(HEIGHT, OVERSAMPLE, WIDTH, OVERSAMPLE, -1).mean(axis=(1, 3))
    return small


class _Shadow:
    """How much of the light reaches a point: a depth map seen from the light, looked up softly."""

    def __init__(self, model: Floats) -> None:
        self._view = looking(TO_LIGHT, model.reshape(-1, 3), SHADOW_MAP, SHADOW_MAP, margin=0.03)
        self._depth = rasterise(self._view.pixels(model), SHADOW_MAP, SHADOW_MAP).depth
        spread = (np.arange(4) - 1.5) * SHADOW_BLUR * 1.3
        self._taps = [(dx, dy) for dx in spread for dy in spread]

    def light(self, points: Floats) -> Floats:
        seen = self._view.pixels(points)
        lit = np.zeros(len(points))
        right, down, depth = seen[:, 0].copy(), seen[:, 1].copy(), seen[:, 2] + 4 * SHADOW_BLUR
        for dx, dy in self._taps:
            x = np.clip(right + dx, 0, SHADOW_MAP - 1).astype(np.int32)
            y = np.clip(down + dy, 0, SHADOW_MAP - 1).astype(np.int32)
            lit += self._depth[y, x] <= depth
        return lit / len(self._taps)


def _bed(view: View, shadow: _Shadow, cover: Floats) -> Floats:
    """The print bed, z = 0, under every pixel: fading to the edge, gridded every 10 mm, shadowed."""
    x, y = _pixels()
    eye = view.points(np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3))
    ground = eye - view.towards * (eye[:, 2:] / view.towards[2])
    image, fade = _backdrop(x, y).reshape(-1, 3), _fade(x, y).reshape(-1, 1)
    line = _grid_lines(ground[:, :2], view.scale) * (1 - fade[:, 0]) * 0.8
    image = image * (1 - line[:, None]) + GRID_COLOUR * line[:, None]
    dark = (1 - shadow.light(ground)) * 0.42
    image = image * (1 - dark[:, None] * np.array([1.0, 0.93, 0.82]))
    near = ndimage.gaussian_filter(cover, 13)
    image = image * (1 - 0.12 * near.reshape(-1, 1))
    bed: Floats = image.reshape(HEIGHT, WIDTH, 3)
    return bed


def _pixels() -> tuple[Floats, Floats]:
    """Column and row of the middle of each pixel, (h, w) each."""
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    return x, y


def _fade(x: Floats, y: Floats) -> Floats:
    fade: Floats = np.clip(np.hypot(x / WIDTH - 0.5, y / HEIGHT - 0.5) * 1.75 - 0.15, 0, 1)
    return fade


def _backdrop(x: Floats, y: Floats) -> Floats:
    fade = _fade(x, y)[:, :, None]
    image: Floats = BED_COLOUR * (1 - fade) + EDGE_COLOUR * fade
    return image


def _grid_lines(ground: Floats, scale: float) -> Floats:
    """Coverage 0..1 of lines about a pixel wide; coarser squares where 10 mm would be too dense to tell."""
    square = 10.0 * 10.0 ** max(0.0, np.ceil(np.log10(20 / (10.0 * scale))))
    off = np.abs((ground + square / 2) % square - square / 2) * scale
    cover: Floats = np.clip(1.1 - off, 0, 1).max(axis=1)
    return cover


def _model(model: Floats, corners_facing: Floats, view: View, shadow: "_Shadow") -> tuple[Floats, Floats]:
    """The model alone, enlarged: colour (h, w, 3), black where it is not, and coverage (h, w)."""
    corners = view.pixels(model)
    raster = rasterise(corners, WIDTH * OVERSAMPLE, HEIGHT * OVERSAMPLE)
    rows, columns = np.nonzero(raster.triangle != NOTHING)
    at = raster.triangle[rows, columns]
    weights = barycentric(corners[at], columns, rows)
    normals = np.einsum("ij,ijk->ik", weights, corners_facing[at])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    # Seen from behind, a facet of a model with gaps or turned inside out shows its other side.
    normals *= np.where(normals @ view.towards < -0.05, -1.0, 1.0)[:, None]
    points = np.einsum("ij,ijk->ik", weights, model[at])
    lit = shadow.light(points + normals * (2.0 / view.scale))
    image = np.zeros((*raster.depth.shape, 3))
    image[rows, columns] = _shaded(normals, lit, view.towards) * _crevices(raster)[rows, columns, None]
    return image, (raster.triangle != NOTHING).astype(np.float64)


def _shaded(normals: Floats, lit: Floats, towards: Floats) -> Floats:
    key = np.clip(normals @ TO_LIGHT, 0, 1) * (0.25 + 0.75 * lit)
    fill = np.clip(normals @ TO_FILL, 0, 1)
    sky = 0.5 + 0.5 * normals[:, 2]
    rim = (1 - np.clip(normals @ towards, 0, 1)) ** 3
    gloss = np.clip(normals @ unit(*(TO_LIGHT + towards)), 0, 1) ** 38 * lit
    strength = 0.30 + 0.62 * key + 0.18 * fill + 0.16 * sky
    if towards[2] < 0:
        # From below the lamps do not reach what is seen; the viewer brings one along.
        strength += 0.6 * np.clip(normals @ towards, 0, 1)
    return MODEL_COLOUR * strength[:, None] + (0.10 * rim + 0.20 * gloss)[:, None]


def _crevices(raster: Raster) -> Floats:
    """Darken what lies behind its surroundings and draw the outline: 0..1 a pixel."""
    seen = raster.triangle != NOTHING
    floor = raster.depth[seen].min() if seen.any() else 0.0
    depth = np.where(seen, raster.depth, floor)
    step = ndimage.maximum_filter(depth, 3) - depth
    outline = np.clip((step - 12) / 60, 0, 0.30)
    bright: Floats = 1 - outline - np.clip(_hollow(depth, seen, floor) / 120, 0, 0.35)
    return bright


def _hollow(depth: Floats, seen: npt.NDArray[np.bool_], floor: float) -> Floats:
    """How far each pixel lies behind the mean of its surroundings; at half the resolution, as it is soft."""
    depth, seen = depth[::2, ::2], seen[::2, ::2]
    inside = np.maximum(ndimage.gaussian_filter(seen.astype(np.float64), 6), 1e-3)
    around = ndimage.gaussian_filter(depth - floor, 6) / inside + floor
    behind: Floats = (around - depth).repeat(2, axis=0).repeat(2, axis=1)
    return behind
