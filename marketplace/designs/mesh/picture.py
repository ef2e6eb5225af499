"""Pictures of a model on a print bed with a 10 mm grid: soft light, soft shadows, no display and no GPU.

The camera is orthographic, so the model's own lengths compare. What is seen is found at twice the size, which
smooths the edges, and lit at the size of the picture.
"""

from typing import Final

import numpy as np
from PIL import Image

from marketplace.designs.mesh.angles import ANGLES, THUMBNAIL
from marketplace.designs.mesh.arrays import Floats, Ints, dots
from marketplace.designs.mesh.bed import bed_under
from marketplace.designs.mesh.normals import corner_normals, face_normals
from marketplace.designs.mesh.raster import NOTHING, mixed, rasterise
from marketplace.designs.mesh.seen import OVERSAMPLE, Seen, seen_in, summed
from marketplace.designs.mesh.shadow import TO_LIGHT, Shadow
from marketplace.designs.mesh.shape import Shape, shape_of
from marketplace.designs.mesh.views import HEIGHT, WIDTH, View, looking, unit

MODEL_COLOUR: Final = np.array([0.30, 0.53, 0.86])
TO_FILL: Final = unit(1.0, -0.2, 0.35)


class Scene:
    """A model, z up, on its bed: seen from anywhere.

    `outside` tells that no facet can be seen from behind: 1 where normals point outwards everywhere, -1 where
    they point inwards everywhere. Else, 0, both sides of each facet are looked at.
    """

    def __init__(self, shape: Shape, outside: int = 0) -> None:
        low, high = shape.points.min(axis=0), shape.points.max(axis=0)
        standing = np.array([*(low + high)[:2] / 2, low[2]])
        self._at = shape.at + standing
        self._points, self._faces = shape.points - standing, shape.faces
        self._facing = face_normals(self._points, self._faces)
        self._normals = corner_normals(self._points, self._faces)
        self._outside = outside
        self._shadow = Shadow(self._points, self._faces[self._front(TO_LIGHT)])

    def seen(self, angle: str) -> tuple[Image.Image, View]:
        """A 640 x 480 RGB picture from one angle, and where in it the model's own coordinates are seen."""
        view = looking(unit(*ANGLES[angle]), self._points, WIDTH, HEIGHT, margin=0.13)
        front = self._front(view.towards)
        corners = view.enlarged(OVERSAMPLE).pixels(self._points)[self._faces[front]]
        seen = seen_in(rasterise(corners, WIDTH * OVERSAMPLE, HEIGHT * OVERSAMPLE))
        cover = np.zeros((HEIGHT, WIDTH))
        cover[seen.window] = seen.cover
        image = bed_under(view, self._shadow, cover)
        image[seen.window] *= 1 - seen.cover[:, :, None]
        image[seen.window] += self._lit(view, seen, self._seen_normals(view, corners, front, seen))
        levels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
        return Image.fromarray(levels), view.moved(self._at)

    def _front(self, towards: Floats) -> Ints:
        """Facets that may be seen from there."""
        if not self._outside:
            return np.arange(len(self._faces))
        return np.flatnonzero(self._facing @ towards * self._outside > 0)

    def _seen_normals(self, view: View, corners: Floats, front: Ints, seen: Seen) -> Floats:
        """Of the facets in front, summed over the samples of each pixel of the window (h, w, 3)."""
        rows, columns = np.nonzero(seen.triangle != NOTHING)
        triangle = seen.triangle[rows, columns]
        shown = np.zeros(len(corners), dtype=np.bool_)
        shown[triangle] = True
        # Seen from behind, a facet of a model with gaps or turned inside out shows its other side.
        side = np.where(self._facing[front[shown]] @ view.towards < 0, -1.0, 1.0)
        over = mixed(corners[shown], self._normals[front[shown]] * side[:, None, None])
        planes = np.ascontiguousarray(over.reshape(-1, 9).T)
        number = (np.cumsum(shown) - 1)[triangle]
        x, y = columns + seen.left * OVERSAMPLE, rows + seen.top * OVERSAMPLE
        normals = np.zeros((3, *seen.triangle.shape))
        for axis in range(3):
            p, q, r = (plane.take(number) for plane in planes[3 * axis : 3 * axis + 3])
            normals[axis, rows, columns] = p * x + q * y + r
        return np.stack([summed(each) for each in normals], axis=-1)

    def _lit(self, view: View, seen: Seen, normals: Floats) -> Floats:
        """The model's colour in the window (h, w, 3), as far as it covers each pixel."""
        rows, columns = np.nonzero(seen.cover)
        x, y = columns + seen.left + 0.5, rows + seen.top + 0.5
        points = view.points(np.stack([x, y, seen.depth[rows, columns] / OVERSAMPLE], axis=1))
        facing = normals[rows, columns]
        length = np.sqrt(dots(facing, facing))
        facing /= np.maximum(length, 1e-9)[:, None]
        light = self._shadow.light(points + facing / view.scale)
        # At an edge the mean of its two sides may shine where neither does.
        smooth = (length / (seen.cover[rows, columns] * OVERSAMPLE**2)) ** 12
        strength = seen.cover[rows, columns] * seen.bright[rows, columns]
        colour = np.zeros((*seen.cover.shape, 3))
        shaded = _shaded(facing, light, light * smooth, view.towards)
        colour[rows, columns] = np.clip(shaded, 0, 1) * strength[:, None]
        return colour


def render(triangles: Floats) -> Image.Image:
    """The thumbnail: a 640 x 480 RGB picture of triangles (n, 3, 3) in mm, z up."""
    return Scene(shape_of(triangles)).seen(THUMBNAIL)[0]


def _shaded(normals: Floats, lit: Floats, shining: Floats, towards: Floats) -> Floats:
    key = np.clip(normals @ TO_LIGHT, 0, 1) * (0.25 + 0.75 * lit)
    fill = np.clip(normals @ TO_FILL, 0, 1)
    sky = 0.5 + 0.5 * normals[:, 2]
    faced = np.clip(normals @ towards, 0, 1)
    gloss = np.clip(normals @ unit(*(TO_LIGHT + towards)), 0, 1) ** 38 * shining
    strength = 0.30 + 0.62 * key + 0.18 * fill + 0.16 * sky
    if towards[2] < 0:
        # From below the lamps do not reach what is seen; the viewer brings one along.
        strength += 0.6 * faced
    return MODEL_COLOUR * strength[:, None] + (0.10 * (1 - faced) ** 3 + 0.20 * gloss)[:, None]
