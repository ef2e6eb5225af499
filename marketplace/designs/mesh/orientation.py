"""Which way up a model prints best, of 64 ways, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints, dots
from marketplace.designs.mesh.bundles import Bundles, bundles_of, fibonacci
from marketplace.designs.mesh.support import BED_CONTACT_MM, OVERHANG
from marketplace.designs.mesh.surface import Surface

WAYS: Final = 64
FACES_TRIED: Final = 32
"""The largest flat parts, each tried as the bottom; the rest of the 64 are spread evenly."""
FLAT: Final = 0.9998
SAME: Final = 1 - 1e-9
CHUNK: Final = 8
# Support costs at most 1, so that what stands is never left for what falls; height costs time.
UNSTABLE_COST: Final = 1.0
HEIGHT_COST: Final = 0.1
BASE_SHARE: Final = 0.02
"""Of the area below a model, what must lie flat on the bed so that it stands."""
WORTHWHILE: Final = 0.05


@dataclass(frozen=True)
class Way:
    """The model with `down` (a unit vector in its own directions) turned to the bed.

    `support` in mm3 reaches from what hangs over to the bed, whatever is between; `contact` in mm2 lies flat
    on the bed, `height` in mm.
    """

    down: tuple[float, float, float]
    support: float
    contact: float
    height: float


@dataclass(frozen=True)
class Orientation:
    """How the model stands, and the best way found; the same if no other is worth turning it."""

    now: Way
    best: Way

    @property
    def worthwhile(self) -> bool:
        return self.best is not self.now


def orientation_of(surface: Surface) -> Orientation:
    """Compare 64 ways up: as it stands, on its largest flat parts, on its box, and evenly spread."""
    bundles = bundles_of(surface)
    downs = _downs(bundles)
    lows, highs, contacts = _standing(surface, downs)
    supports = np.array([_support(bundles, down, high) for down, high in zip(downs, highs, strict=True)])
    heights = highs - lows
    costs = _costs(surface, supports, contacts, heights)
    best = int(costs.argmin())
    if costs[0] - costs[best] < WORTHWHILE:
        best = 0
    ways = [
        Way((float(down[0]), float(down[1]), float(down[2])), float(support), float(contact), float(height))
        for down, support, contact, height in zip(downs, supports, contacts, heights, strict=True)
    ]
    return Orientation(ways[0], ways[best])


def _downs(bundles: Bundles) -> Floats:
    stands, *box = np.array(
        [[0, 0, -1], [0, 0, 1], [-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0]], dtype=float
    )
    largest = bundles.normals[np.argsort(-bundles.areas, kind="stable")[:FACES_TRIED]]
    # A flat part is tried even if the model all but stands on it: a little askew it does not lie on the bed.
    found = [stands]
    for way in largest:
        if float(way @ stands) < SAME and _is_new(way, found[1:]):
            found.append(way)
    for way in [*box[1:], *fibonacci(WAYS)]:
        if len(found) < WAYS and _is_new(way, found):
            found.append(way)
    return np.array(found)


def _is_new(way: Floats, known: Sequence[Floats]) -> bool:
    return all(float(way @ other) < FLAT for other in known)


def _standing(surface: Surface, downs: Floats) -> tuple[Floats, Floats, Floats]:
    """For each way how far the model reaches up and down (as coordinates along `down`), and its contact."""
    lows, highs, contacts = (np.empty(len(downs)) for _ in range(3))
    for start in range(0, len(downs), CHUNK):
        some = slice(start, start + CHUNK)
        along = downs[some] @ surface.points.T
        lows[some], highs[some] = along.min(axis=1), along.max(axis=1)
        level = downs[some] @ surface.normals.T > FLAT
        for number, reached in enumerate(along):
            facets = np.flatnonzero(level[number])
            contacts[start + number] = _contact(surface, facets, reached, highs[start + number])
    return lows, highs, contacts


def _contact(surface: Surface, facets: Ints, reached: Floats, lowest: float) -> float:
    on = (reached[surface.faces[facets]] > lowest - BED_CONTACT_MM).all(axis=1)
    return float(surface.areas[facets[on]].sum())


def _support(bundles: Bundles, down: Floats, bed: float) -> float:
    """From everything that hangs over to the bed; what lies on the bed is no height above it."""
    slope = bundles.normals @ down
    over = slope > OVERHANG
    height = np.maximum(bed - dots(bundles.centres[over], down), 0)
    return float((bundles.areas[over] * slope[over] * height).sum())


def _costs(surface: Surface, supports: Floats, contacts: Floats, heights: Floats) -> Floats:
    """In shares of the model's own volume and length, so that its size does not matter."""
    volume = max(abs(surface.volume), 1e-12)
    longest = float(heights.max())
    beneath = volume / np.maximum(heights, 1e-12)
    unstable = contacts < BASE_SHARE * beneath
    material = supports / (supports + volume)
    costs: Floats = material + UNSTABLE_COST * unstable + HEIGHT_COST * heights / longest
    return costs
