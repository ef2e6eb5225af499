"""Slice what lies on a plate: check and place the models in a child process, then slice in another."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from protocol.canonical import keccak
from provider_agent.slicing.engines import our_errors, slice_clean
from provider_agent.slicing.errors import DoesNotFit, ModelUnreadable, SlicerTimeout
from provider_agent.slicing.gcode_check import gcode_check
from provider_agent.slicing.gcode_head import Limits
from provider_agent.slicing.place import ALONE, Place
from provider_agent.slicing.profile import Sliced, SliceProfile
from provider_agent.slicing.recipe import Recipe
from provider_agent.slicing.threads import in_thread
from slicers.children import Beat, run
from slicers.outcome import Outcome, grams

PREPARE = Path(__file__).with_name("prepare.py")
TIMEOUT_S = 300.0
T = TypeVar("T")
Placed = Sequence[tuple[Path, Sequence[Place]]]


@dataclass(frozen=True)
class Measured:
    """A model, or all of a plate, as it lies on the bed."""

    size_um: tuple[int, int, int]
    facets: int


async def slice_model(
    model: Path, profile: SliceProfile, out: Path, *, timeout_s: float = TIMEOUT_S, slicer: str | None = None
) -> Sliced:
    """Slice an STL file into `out`, centred on the bed; as `slice_plate`."""
    return await slice_plate([(model, [ALONE])], profile, out, timeout_s=timeout_s, slicer=slicer)


async def slice_plate(
    placed: Placed,
    profile: SliceProfile,
    out: Path,
    *,
    timeout_s: float = TIMEOUT_S,
    slicer: str | None = None,
) -> Sliced:
    """Slice copies of STL files in their places into `out`, with PrusaSlicer where installed, else cura-wasm.

    `slicer` ("prusa-slicer", "cura-wasm") insists on one. The same models, places, profile and slicer version
    give the same bytes. `out` appears complete or not at all; whatever happens, no child process and no copy
    of a model stays. No G-code comes out that a printer may not be given. Raises ModelUnreadable, DoesNotFit,
    SlicerMissing, SlicerFailed, SlicerTimeout, GcodeRefused.
    """
    out = out.resolve()
    with tempfile.TemporaryDirectory(prefix=".slicing-", dir=out.parent) as scratch:
        clean = Path(scratch) / "model.stl"

        def sliced(beat: Beat) -> Outcome:
            size = _prepare(placed, clean, profile, beat).size_um
            return slice_clean(slicer, clean, Recipe(profile, size), beat)

        outcome = await _in_time(sliced, timeout_s)
        return await asyncio.to_thread(_finish, outcome, profile, out)


async def model_measure(model: Path, profile: SliceProfile, *, timeout_s: float = TIMEOUT_S) -> Measured:
    """How much of the bed a copy of an STL file takes. Raises ModelUnreadable, DoesNotFit, SlicerTimeout."""
    with tempfile.TemporaryDirectory(prefix=".slicing-", dir=model.resolve().parent) as scratch:
        clean = Path(scratch) / "model.stl"
        placed = [(model, [ALONE])]
        return await _in_time(lambda beat: _prepare(placed, clean, profile, beat), timeout_s)


async def _in_time(work: Callable[[Beat], T], timeout_s: float) -> T:
    try:
        async with asyncio.timeout(timeout_s):
            return await in_thread(work)
    except TimeoutError as error:
        raise SlicerTimeout(f"slicing took longer than {timeout_s:g} s and was stopped") from error


def _prepare(placed: Placed, clean: Path, profile: SliceProfile, beat: Beat) -> Measured:
    bed = (str(length) for length in profile.bed_um)
    told = json.dumps(
        [
            [str(model.resolve()), [[place.x_um, place.y_um, place.turned] for place in places]]
            for model, places in placed
        ]
    )
    with our_errors():
        ended = run([sys.executable, "-I", PREPARE, clean, *bed, told], clean.parent, beat=beat)
    if ended.code != 0:
        raise ModelUnreadable(f"the model could not be read within limits: {ended.last_words}")
    answer = json.loads(ended.out)
    if "refused" in answer:
        kind = DoesNotFit if answer["refused"] == "too-large" else ModelUnreadable
        raise kind(answer["why"])
    x, y, z = answer["size_um"]
    return Measured((x, y, z), answer["facets"])


def _finish(outcome: Outcome, profile: SliceProfile, out: Path) -> Sliced:
    gcode_check(outcome.gcode, Limits.of(profile))
    content = outcome.gcode.read_bytes()
    outcome.gcode.replace(out)
    return Sliced(
        path=out,
        digest=keccak(content),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        slicer=outcome.slicer,
        slicer_version=outcome.version,
        profile_digest=profile.digest(),
        print_seconds=outcome.print_seconds,
        filament_mm=outcome.filament_mm,
        grams=grams(outcome.filament_mm, profile.filament_um, profile.settings.density_g_cm3),
        layers=outcome.layers,
    )
