"""Parts that nobody looked at before the model was done: other kinds and other seeds than those it was fitted
to. `SERIES` names the seeds; who tunes the model on what is seen here takes another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.estimate import fresh_fine, fresh_shapes
from benchmarks.estimate.rough import rough_of
from benchmarks.estimate.shapes import Floats, Random
from benchmarks.estimate.truth import KEPT, OTHERS, USUAL, kept
from marketplace.designs.mesh.stl import write_binary
from marketplace.designs.slicing.outcome import SliceSettings

SERIES: Final = "second"
"""The first one fits constants now."""
A_KIND: Final = 5
A_FINE_KIND: Final = 7
Shape = Callable[[Random], Floats]
PLAIN: Final[dict[str, Shape]] = {
    "spur": fresh_shapes.spur,
    "elbow": fresh_shapes.elbow,
    "tee": fresh_shapes.tee,
    "hinge": fresh_shapes.hinge,
    "enclosure": fresh_shapes.enclosure,
    "fan": fresh_shapes.fan,
    "fins": fresh_shapes.fins,
    "hook": fresh_shapes.hook,
    "stencil": fresh_shapes.stencil,
    "honeycomb": fresh_shapes.honeycomb,
    "funnel": fresh_shapes.funnel,
    "bridge": fresh_shapes.bridge,
    "comb": fresh_shapes.comb,
    "chain": fresh_shapes.chain,
    "stairs": fresh_shapes.stairs,
    "mount": fresh_shapes.mount,
}
FINE: Final[dict[str, Shape]] = {
    "noise": fresh_fine.noise,
    "terrain": fresh_fine.terrain,
    "gyroid": fresh_fine.gyroid,
    "organic": fresh_fine.organic,
    "knurl": fresh_fine.knurl,
    "thread": fresh_fine.thread,
    "spring": fresh_fine.spring,
}


@dataclass(frozen=True)
class FreshPart:
    """A part's kind and name, and how to make it."""

    kind: str
    name: str

    @property
    def number(self) -> int:
        """Which one of its kind."""
        return int(self.name.rpartition("-")[2])

    @property
    def path(self) -> Path:
        """Where its STL is kept, once it has been made."""
        return KEPT / f"parts/{self.name}.stl"

    @property
    def settings(self) -> tuple[SliceSettings, ...]:
        """The usual ones and others, which the name decides."""
        others = [how for each in OTHERS for how in each]
        return USUAL, others[_digest("settings", self.name)[0] % len(others)]

    @property
    def shape(self) -> Shape:
        return (PLAIN | FINE)[self.kind]

    def stl(self) -> bytes:
        """As uploaded."""
        return kept(f"parts/{self.name}.stl", lambda: write_binary(self.triangles()))

    def rough(self) -> bytes:
        """What the background slice is made from."""
        return kept(f"parts/{self.name}.rough.stl", lambda: rough_of(self.stl()))

    def triangles(self) -> Floats:
        """(n, 3, 3), standing on the bed, as an STL holds them."""
        random = np.random.default_rng(int.from_bytes(_digest("shape", self.name)[:8], "big"))
        made = self.shape(random)
        made = (made - made.reshape(-1, 3).min(axis=0)).astype(np.float32)
        standing: Floats = made.astype(np.float64)
        return standing


def fresh_parts() -> Iterator[FreshPart]:
    """All of them, one of each kind after another."""
    for number in range(max(A_KIND, A_FINE_KIND)):
        for kind in (*FINE, *PLAIN):
            if number < (A_FINE_KIND if kind in FINE else A_KIND):
                yield FreshPart(kind, f"{SERIES}-{kind}-{number}")


def _digest(*words: str) -> bytes:
    return hashlib.sha256(":".join(words).encode()).digest()
