"""The slicer there is, with the named profile: PrusaSlicer where installed, else cura-wasm. No Django."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from marketplace.designs.slicing import standard
from marketplace.designs.slicing.outcome import SliceFailed, SliceOutcome, SliceSettings
from slicers import cura, prusa
from slicers.children import Beat, Limits
from slicers.cura_settings import profile_of
from slicers.errors import SlicerError
from slicers.outcome import Outcome, volume_mm3
from slicers.prusa import Profile


@dataclass(frozen=True)
class SliceLimits:
    """What one slice may take; it is killed at the first that is reached."""

    cpu_seconds: int = 120
    memory_bytes: int = 2 * 1024**3
    wall_seconds: int = 240


def slice_standard(
    stl: Path, how: SliceSettings, limits: SliceLimits, beat: Callable[[], None]
) -> SliceOutcome:
    """Slice a binary STL of our own making, in a folder that may be written to; `beat` is called every few
    seconds, and what it raises ends the slicer. Raises SliceFailed."""
    binary = prusa.installed()
    if binary is None:
        return slice_with_cura(stl, how, limits, beat)
    return slice_with_prusa(binary, stl, how, limits, beat)


def slice_with_prusa(
    binary: str, stl: Path, how: SliceSettings, limits: SliceLimits, beat: Callable[[], None]
) -> SliceOutcome:
    """Raises SliceFailed."""
    try:
        found = prusa.slice_with_prusa(
            binary, stl, Profile(standard.ini_of(how), standard.CENTRE_MM), _limits(limits), Beat(beat)
        )
    except SlicerError as error:
        raise SliceFailed(str(error)) from error
    return _said(found, standard.prusa_profile())


def slice_with_cura(
    stl: Path, how: SliceSettings, limits: SliceLimits, beat: Callable[[], None]
) -> SliceOutcome:
    """Raises SliceFailed."""
    try:
        found = cura.slice_with_cura(stl, profile_of(standard.cura_of(how)), _limits(limits), Beat(beat))
    except SlicerError as error:
        raise SliceFailed(str(error)) from error
    return _said(found, standard.cura_profile())


def _limits(limits: SliceLimits) -> Limits:
    return Limits(**vars(limits))


def _said(found: Outcome, profile: str) -> SliceOutcome:
    volume = round(volume_mm3(found.filament_mm, standard.FILAMENT_UM), 1)
    return SliceOutcome(found.print_seconds, volume, found.slicer, found.version, profile)
