"""Slice one model: check and centre it in a child process, then slice it in another."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import tempfile
from pathlib import Path

from protocol.canonical import keccak
from provider_agent.slicing.engines import our_errors, slice_clean
from provider_agent.slicing.errors import DoesNotFit, ModelUnreadable, SlicerTimeout
from provider_agent.slicing.gcode_check import gcode_check
from provider_agent.slicing.gcode_head import Limits
from provider_agent.slicing.profile import Sliced, SliceProfile
from provider_agent.slicing.recipe import Recipe
from provider_agent.slicing.threads import in_thread
from slicers.children import Beat, run
from slicers.outcome import Outcome, grams

PREPARE = Path(__file__).with_name("prepare.py")
TIMEOUT_S = 300.0


async def slice_model(
    model: Path, profile: SliceProfile, out: Path, *, timeout_s: float = TIMEOUT_S, slicer: str | None = None
) -> Sliced:
    """Slice an STL file into `out`, centred on the bed, with PrusaSlicer where installed, else cura-wasm.

    `slicer` ("prusa-slicer", "cura-wasm") insists on one. The same model, profile and slicer version give
    the same bytes. `out` appears complete or not at all; whatever happens, no child process and no copy of
    the model stays. No G-code comes out that a printer may not be given. Raises ModelUnreadable, DoesNotFit,
    SlicerMissing, SlicerFailed, SlicerTimeout, GcodeRefused.
    """
    out = out.resolve()
    with tempfile.TemporaryDirectory(prefix=".slicing-", dir=out.parent) as scratch:
        clean = Path(scratch) / "model.stl"

        def sliced(beat: Beat) -> Outcome:
            size = _prepare(model.resolve(), clean, profile, beat)
            return slice_clean(slicer, clean, Recipe(profile, size), beat)

        try:
            async with asyncio.timeout(timeout_s):
                outcome = await in_thread(sliced)
        except TimeoutError as error:
            raise SlicerTimeout(f"slicing took longer than {timeout_s:g} s and was stopped") from error
        return await asyncio.to_thread(_finish, outcome, profile, out)


def _prepare(model: Path, clean: Path, profile: SliceProfile, beat: Beat) -> tuple[int, int, int]:
    bed = (str(length) for length in profile.bed_um)
    with our_errors():
        ended = run([sys.executable, "-I", PREPARE, model, clean, *bed], clean.parent, beat=beat)
    if ended.code != 0:
        raise ModelUnreadable(f"the model could not be read within limits: {ended.last_words}")
    answer = json.loads(ended.out)
    if "refused" in answer:
        kind = DoesNotFit if answer["refused"] == "too-large" else ModelUnreadable
        raise kind(answer["why"])
    x, y, z = answer["size_um"]
    return x, y, z


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
