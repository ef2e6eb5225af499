"""Where a model's facets cross level planes."""

from dataclasses import dataclass

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints, edge_keys
from marketplace.designs.mesh.surface import Surface


@dataclass(frozen=True)
class Segments:
    """Where facets cross planes: from one edge (tail) to another (head), the material on the left."""

    plane: Ints
    tail: Ints
    head: Ints
    start: Floats
    end: Floats


def segments_of(surface: Surface, cut: Floats, first: Ints, counts: Ints) -> Segments:
    """Of rising planes `cut`: each facet crosses `counts` of them, from number `first` on."""
    facet = np.repeat(np.arange(len(first)), counts)
    plane = np.arange(len(facet)) - np.repeat(np.cumsum(counts) - counts, counts) + first[facet]
    faces = surface.faces[facet]
    height = cut[plane]
    above = surface.points[faces, 2] > height[:, None]
    # Of the three corners one is alone on its side.
    alone = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), (~above).argmax(axis=1))
    rows = np.arange(len(facet))
    corner, after, last = (faces[rows, (alone + step) % 3] for step in range(3))
    one, other = (_crossing(surface, corner, far, height) for far in (after, last))
    edges = [edge_keys(corner, far, len(surface.points)) for far in (after, last)]
    normal = surface.normals[facet]
    along = one - other
    backwards = (normal[:, 0] * along[:, 1] - normal[:, 1] * along[:, 0]) < 0
    keys = np.stack([plane * len(surface.points) ** 2 + edge for edge in edges])
    _, numbers = np.unique(keys, return_inverse=True)
    numbers = numbers.reshape(2, -1)
    return Segments(
        plane=plane,
        tail=np.where(backwards, numbers[0], numbers[1]),
        head=np.where(backwards, numbers[1], numbers[0]),
        start=np.where(backwards[:, None], one, other),
        end=np.where(backwards[:, None], other, one),
    )


def _crossing(surface: Surface, near: Ints, far: Ints, height: Floats) -> Floats:
    here, there = surface.points[near], surface.points[far]
    share = (height - here[:, 2]) / (there[:, 2] - here[:, 2])
    point: Floats = here[:, :2] + share[:, None] * (there[:, :2] - here[:, :2])
    return point
