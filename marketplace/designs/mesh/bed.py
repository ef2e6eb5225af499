"""The print bed that a model is shown on, and what is around it."""

from typing import Final

import numpy as np
from scipy import ndimage

from marketplace.designs.mesh.arrays import Floats
from marketplace.designs.mesh.shadow import Shadow
from marketplace.designs.mesh.views import HEIGHT, WIDTH, View

BED_COLOUR: Final = np.array([0.925, 0.935, 0.95])
EDGE_COLOUR: Final = np.array([0.80, 0.83, 0.875])
GRID_COLOUR: Final = np.array([0.70, 0.745, 0.81])
SHADOW_COLOUR: Final = 0.42 * np.array([1.0, 0.93, 0.82])
X: Final = np.arange(WIDTH) + 0.5
Y: Final = np.arange(HEIGHT)[:, None] + 0.5
FADE: Final = np.clip(np.hypot(X / WIDTH - 0.5, Y / HEIGHT - 0.5) * 1.75 - 0.15, 0, 1)
BACKDROP: Final[Floats] = BED_COLOUR + FADE[:, :, None] * (EDGE_COLOUR - BED_COLOUR)


def bed_under(view: View, shadow: Shadow, cover: Floats) -> Floats:
    """The bed, z = 0, under every pixel (h, w, 3): fading to the edge, gridded every 10 mm, shadowed. From
    below it would hide the model and is left out."""
    if view.towards[2] <= 0:
        return BACKDROP.copy()
    x, y = _ground(view)
    line = _grid_lines(x, y, view.scale) * (1 - FADE) * 0.8
    dark = 1 - shadow.bed_light(x, y)
    near = 1 - 0.12 * _spread(cover)
    image = np.empty((HEIGHT, WIDTH, 3))
    for channel in range(3):
        plain = BACKDROP[:, :, channel]
        lined = plain + line * (GRID_COLOUR[channel] - plain)
        image[:, :, channel] = lined * (1 - dark * SHADOW_COLOUR[channel]) * near
    return image


def _ground(view: View) -> tuple[Floats, Floats]:
    """Where on the bed each pixel looks, (h, w) each."""
    right, down, towards = view.axes
    across, along = (X - view.shift[0]) / view.scale, (Y - view.shift[1]) / view.scale
    # Along the line of sight to where z is zero.
    x, y = (
        across * (right[axis] - towards[axis] * right[2] / towards[2])
        + along * (down[axis] - towards[axis] * down[2] / towards[2])
        for axis in range(2)
    )
    return x, y


def _grid_lines(x: Floats, y: Floats, scale: float) -> Floats:
    """Coverage 0..1 of lines about a pixel wide; coarser squares where 10 mm would be too dense to tell."""
    square = 10.0 * 10.0 ** max(0.0, np.ceil(np.log10(20 / (10.0 * scale))))
    off = np.minimum(*(np.abs(each - square * np.rint(each / square)) for each in (x, y)))
    cover: Floats = np.clip(1.1 - off * scale, 0, 1)
    return cover


def _spread(cover: Floats) -> Floats:
    """Around the model; at a quarter of the resolution, as it is soft."""
    near: Floats = ndimage.gaussian_filter(cover[1::4, 1::4], 13 / 4)
    return near.repeat(4, axis=0).repeat(4, axis=1)
