"""A model file to triangles in millimetres, or a refusal that says what to do about it.

Libraries read an empty, truncated, foreign or lying file as an empty scene without a word, so everything is
checked here before any geometry is believed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.model import Format, Limits, Model, Triangles
from marketplace.designs.mesh.formats.read import read
from marketplace.designs.mesh.formats.units import Unit, UnitGuess, units_guess
from marketplace.designs.mesh.measurement import ModelRefused

__all__ = ["Limits", "Loaded", "Triangles", "check", "load", "opened"]


@dataclass(frozen=True)
class Loaded:
    """A model as its designer means it: `unit` is the file's own, or the one the designer named instead."""

    model: Model
    unit: Unit
    triangles: Triangles
    guess: UnitGuess | None

    def to_json(self) -> dict[str, Any]:
        guess = {"unit": self.guess.unit.value, "reason": self.guess.reason} if self.guess else None
        return self.model.to_json() | {"read_in": self.unit.value, "unit_guess": guess}

    def separate(self, *, apart: bool) -> list[Triangles]:
        """In mm, the models of an archive of several, in the order of `model.parts`; with `apart` what a 3MF
        holds, in the order of `model.things`; else none."""
        several = self.model.format is Format.ZIP and len(self.model.parts) > 1
        found = self.model.parts if several else self.model.things if apart else ()
        return [part.triangles * self.unit.mm for part in found]

    @property
    def is_plain(self) -> bool:
        """Whether the file itself is what a slicer reads: an STL in millimetres."""
        return self.model.format is Format.STL and self.unit is Unit.MILLIMETRE


def load(path: Path, limits: Limits) -> Triangles:
    """Triangles of the model file at `path`: shape (n, 3, 3), float64 millimetres, all finite.

    Raises ModelRefused.
    """
    loaded = opened(path, limits)
    check(loaded, limits)
    return loaded.triangles


def opened(path: Path, limits: Limits, unit: Unit | None = None) -> Loaded:
    """The file read, its lengths taken in `unit` if the designer named one. Its size is not judged yet, so
    that a guess about the unit can be shown even where the size is refused. Raises ModelRefused."""
    model = read(_data(path, limits), limits)
    triangles = model.triangles()
    if not len(triangles):
        raise refusals.empty()
    if len(triangles) > limits.triangles:
        raise refusals.too_many_triangles(len(triangles), limits.triangles)
    _check_numbers(triangles)
    guess = None if unit else units_guess(_sides(triangles), model.unit, stated=model.stated)
    chosen = unit or model.unit
    return Loaded(model, chosen, triangles * chosen.mm, guess)


def check(loaded: Loaded, limits: Limits) -> None:
    """Raises ModelRefused for a model that is larger or smaller than anything printed."""
    longest = max(_sides(loaded.triangles))
    if longest * 1000 > limits.longest_um:
        raise ModelRefused(
            "too-big",
            f"The model is {longest:.6g} mm long, the limit is {limits.longest_um / 1000:.0f} mm. "
            + _unit_advice(loaded),
        )
    if longest * 1000 < limits.shortest_um:
        raise ModelRefused(
            "too-small",
            f"The model is {longest:.6g} mm long, less than a printer can show. " + _unit_advice(loaded),
        )


def _unit_advice(loaded: Loaded) -> str:
    if loaded.guess:
        return f"{loaded.guess.reason} {loaded.guess.advice}"
    if loaded.model.stated:
        return f"It is read in {loaded.unit.words}: name another unit, or scale it and export it again."
    name = loaded.model.format.upper()
    return f"{name} has no units and is read in {loaded.unit.words}: scale it and export it again."


def _data(path: Path, limits: Limits) -> bytes:
    size = path.stat().st_size
    if size == 0:
        raise ModelRefused("empty", "The file is empty. Export the model again and upload the new file.")
    if size > limits.file_bytes:
        raise ModelRefused(
            "too-large",
            f"The file has {size / 1e6:.1f} MB, the limit is {limits.file_bytes / 1e6:.0f} MB. "
            "Export it with a coarser tolerance, or as binary STL.",
        )
    return path.read_bytes()


def _check_numbers(triangles: Triangles) -> None:
    count = len(triangles)
    # A number that no longer is one once squared is none either.
    broken = count - int((np.abs(triangles) < 1e100).all(axis=(1, 2)).sum())
    if broken:
        raise ModelRefused(
            "broken-coordinates",
            f"{broken:,} of {count:,} facets have coordinates that are not numbers. "
            "Repair the model in your modelling program and export it again.",
        )


def _sides(triangles: Triangles) -> tuple[float, float, float]:
    x, y, z = (float(side) for side in np.ptp(triangles.reshape(-1, 3), axis=0))
    return x, y, z
