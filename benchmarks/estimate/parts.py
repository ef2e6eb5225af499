"""Varied parts, made by formula from their names: the same on every machine. Lengths in mm, z up.

Half of them fit the constants, the others are held out: a digest of the name decides, so that adding parts
moves none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.estimate import shapes
from benchmarks.estimate.shapes import Floats

A_KIND: Final = 8
SHAPES: Final[dict[str, Callable[[np.random.Generator], Floats]]] = {
    "box": shapes.box,
    "plate": shapes.plate,
    "cylinder": shapes.cylinder,
    "tube": shapes.tube,
    "ball": shapes.ball,
    "bracket": shapes.bracket,
    "gear": shapes.gear,
    "vase": shapes.vase,
    "case": shapes.case,
    "lattice": shapes.lattice,
    "letters": shapes.letters,
    "blob": shapes.blob,
    "tower": shapes.tower,
    "drilled": shapes.drilled,
    "hollow": shapes.hollow,
    "set": shapes.several,
    "wedge": shapes.wedge,
}


@dataclass(frozen=True)
class Part:
    """A part's kind and name, and how to make it."""

    kind: str
    name: str

    @property
    def held_out(self) -> bool:
        """Whether the constants must not be fitted to it."""
        return bool(_digest("half", self.name)[0] % 2)

    def triangles(self) -> Floats:
        """(n, 3, 3), standing on the bed."""
        seed = int.from_bytes(_digest("shape", self.name)[:8], "big")
        made = SHAPES[self.kind](np.random.default_rng(seed))
        made = made - made.reshape(-1, 3).min(axis=0)
        # What an STL can hold, so that measuring and slicing see one thing.
        rounded: Floats = made.astype(np.float32).astype(np.float64)
        return rounded


def parts() -> Iterator[Part]:
    """All of them, one of each kind after another."""
    for number in range(A_KIND):
        for kind in SHAPES:
            yield Part(kind, f"{kind}-{number}")


def _digest(*words: str) -> bytes:
    return hashlib.sha256(":".join(words).encode()).digest()
