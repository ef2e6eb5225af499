"""Slice one model: check and centre it in a child process, then slice it in another."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import tempfile
from pathlib import Path

from protocol.canonical import keccak
from provider_agent.slicing import cura, prusa
from provider_agent.slicing.children import run
from provider_agent.slicing.errors import (
    DoesNotFit,
    ModelUnreadable,
    SlicerFailed,
    SlicerMissing,
    SlicerTimeout,
)
from provider_agent.slicing.outcome import Outcome, grams
from provider_agent.slicing.profile import Sliced, SliceProfile
from provider_agent.slicing.recipe import Recipe

PREPARE = Path(__file__).with_name("prepare.py")
TIMEOUT_S = 300.0


async def slice_model(
    model: Path, profile: SliceProfile, out: Path, *, timeout_s: float = TIMEOUT_S, slicer: str | None = None
) -> Sliced:
    """Slice an STL file into `out`, centred on the bed, with PrusaSlicer where installed, else cura-wasm.

    `slicer` ("prusa-slicer", "cura-wasm") insists on one. The same model, profile and slicer version give
    the same bytes. `out` appears complete or not at all; whatever happens, no child process and no copy of
    the model stays. Raises ModelUnreadable, DoesNotFit, SlicerMissing, SlicerFailed, SlicerTimeout.
    """
    out = out.resolve()
    with tempfile.TemporaryDirectory(prefix=".slicing-", dir=out.parent) as scratch:
        folder = Path(scratch)
        try:
            async with asyncio.timeout(timeout_s):
                clean = folder / "model.stl"
                size = await _prepare(model.resolve(), clean, profile, folder)
                outcome = await _slice(slicer, clean, Recipe(profile, size), folder)
        except TimeoutError as error:
            raise SlicerTimeout(f"slicing took longer than {timeout_s:g} s and was stopped") from error
        return await asyncio.to_thread(_finish, outcome, profile, out)


async def _prepare(model: Path, clean: Path, profile: SliceProfile, folder: Path) -> tuple[int, int, int]:
    bed = (str(length) for length in profile.bed_um)
    ended = await run([sys.executable, "-I", PREPARE, model, clean, *bed], folder)
    if ended.code != 0:
        raise ModelUnreadable(f"the model could not be read within limits: {ended.last_words}")
    answer = json.loads(ended.out)
    if "refused" in answer:
        kind = DoesNotFit if answer["refused"] == "too-large" else ModelUnreadable
        raise kind(answer["why"])
    x, y, z = answer["size_um"]
    return x, y, z


async def _slice(slicer: str | None, stl: Path, recipe: Recipe, folder: Path) -> Outcome:
    binary = prusa.installed() if slicer in (None, prusa.NAME) else None
    if binary is not None:
        outcome = await prusa.slice_with_prusa(binary, stl, recipe, folder)
    elif slicer in (None, cura.NAME):
        outcome = await cura.slice_with_cura(stl, recipe, folder)
    else:
        raise SlicerMissing(f"{slicer} is not installed; known slicers: {prusa.NAME}, {cura.NAME}")
    if outcome.layers == 0 or outcome.filament_mm <= 0:
        raise SlicerFailed(f"{outcome.slicer} found nothing to print; is the part thinner than one line?")
    return outcome


def _finish(outcome: Outcome, profile: SliceProfile, out: Path) -> Sliced:
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
