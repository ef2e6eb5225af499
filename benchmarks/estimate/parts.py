"""Varied parts, made by formula from their names: the same on every machine. Lengths in mm, z up.

Which are held out was written down before any of these was made or sliced: of each kind the first numbers fit
the constants, as the errors of just those had been looked at before; those after them are held out. Once
looked at, these fit too, and those after them are held out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.estimate import new_shapes, shapes
from benchmarks.estimate.fresh import FINE, PLAIN, FreshPart, Shape
from benchmarks.estimate.truth import USUAL
from marketplace.designs.slicing.outcome import SliceSettings

SHAPES: Final[dict[str, Shape]] = {
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
FITTED: Final = {"ordinary": range(16), "plain": range(13), "fine": range(10)}
HELD_OUT: Final = {"ordinary": range(16, 20), "plain": range(13, 17), "fine": range(10, 12)}
TWICE: Final = range(3)
"""Numbers of plain kinds that are sliced at the usual settings besides."""
SLOPING: Final = (
    "bridge",
    "chain",
    "elbow",
    "fan",
    "funnel",
    "gyroid",
    "hook",
    "organic",
    "spring",
    "tee",
    "thread",
)
"""Kinds whose first numbers are sliced at these settings too: under slopes the layer tells most."""
SLOPING_SETTINGS: Final = (SliceSettings(150, 30), SliceSettings(280, 100), SliceSettings(300, 10))
NEW: Final = range(3, 6)
"""Those before them have been looked at."""


class Part(FreshPart):
    """A part of the kinds that the model is made with, or of new ones."""

    @property
    def shape(self) -> Shape:
        return (SHAPES | PLAIN | FINE | new_shapes.SHAPES)[self.kind]

    @property
    def group(self) -> str:
        if self.kind in new_shapes.SHAPES:
            return "new"
        return "ordinary" if self.kind in SHAPES else "fine" if self.kind in FINE else "plain"

    @property
    def held_out(self) -> bool:
        """Whether the constants must not be fitted to it, and nobody looks at its error before the end."""
        return self.group == "new" or self.number in HELD_OUT[self.group]

    @property
    def settings(self) -> tuple[SliceSettings, ...]:
        """Those which the name decides, and of some the usual ones, or several."""
        others = super().settings[1:]
        if self.number not in TWICE:
            return others
        usual = (USUAL,) if self.group == "plain" else ()
        sloping = SLOPING_SETTINGS if self.kind in SLOPING else ()
        return tuple(dict.fromkeys((*usual, *others, *sloping)))


def parts() -> Iterator[Part]:
    """All that fit or are held out, those that fit first."""
    for numbers in (FITTED, HELD_OUT):
        for kind in SHAPES:
            yield from (Part(kind, f"{kind}-{number}") for number in numbers["ordinary"])
        for group, kinds in (("plain", PLAIN), ("fine", FINE)):
            for kind in kinds:
                yield from (Part(kind, f"first-{kind}-{number}") for number in numbers[group])


def new_parts() -> Iterator[Part]:
    """Of kinds that were written down when the model was done."""
    for kind in new_shapes.SHAPES:
        yield from (Part(kind, f"second-{kind}-{number}") for number in NEW)
