"""Whichever slicer there is, told a recipe in its own words. What it raises becomes ours here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provider_agent.slicing.cura_recipe import cura_of
from provider_agent.slicing.errors import SlicerFailed, SlicerMissing, SlicerTimeout, SlicingError
from provider_agent.slicing.prusa_settings import ini_of
from provider_agent.slicing.recipe import Recipe
from slicers import cura, errors, prusa
from slicers.children import Beat
from slicers.cura_settings import profile_of
from slicers.outcome import Outcome

OURS: dict[type[errors.SlicerError], type[SlicingError]] = {
    errors.SlicerMissing: SlicerMissing,
    errors.SlicerFailed: SlicerFailed,
    errors.SlicerTimeout: SlicerTimeout,
}


def slice_clean(slicer: str | None, stl: Path, recipe: Recipe, beat: Beat) -> Outcome:
    """Slice a clean STL centred on the origin with PrusaSlicer where installed, else cura-wasm; `slicer`
    insists on one. Raises SlicerMissing, SlicerFailed, SlicerTimeout."""
    with our_errors():
        binary = prusa.installed() if slicer in (None, prusa.NAME) else None
        if binary is not None:
            told = prusa.Profile(ini_of(recipe), recipe.centre_mm)
            return prusa.slice_with_prusa(binary, stl, told, beat=beat)
        if slicer in (None, cura.NAME):
            return cura.slice_with_cura(stl, profile_of(cura_of(recipe)), beat=beat)
        raise SlicerMissing(f"{slicer} is not installed; known slicers: {prusa.NAME}, {cura.NAME}")


@contextmanager
def our_errors() -> Iterator[None]:
    """A slicer's errors leave as the agent's."""
    try:
        yield
    except errors.SlicerError as error:
        raise OURS[type(error)](str(error)) from error
