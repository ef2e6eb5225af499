"""Slicing measured designs in the background, so that their estimates rest on a slicer's word.

The status column is the queue. Nothing waits for a slice: while there is none, or there never will be one,
estimates go by geometry.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.utils import timezone

from marketplace.designs.measuring import child_answer
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.warm import Job
from marketplace.designs.models import Design, Slicing
from marketplace.designs.queue import Queue
from marketplace.designs.reading import plain_copy
from marketplace.designs.rules import (
    ATTEMPT_LIMIT,
    USUAL_INFILL_PERCENT,
    USUAL_LAYER_UM,
    SlicingStatus,
)
from marketplace.designs.slicing import prusa
from marketplace.designs.slicing.children import SliceLimits
from marketplace.designs.slicing.outcome import SliceFailed, SliceOutcome, SliceSettings
from marketplace.designs.warmed import ROUGHEN
from protocol.units import digest_of

REASON_CHARS: Final = 400
QUEUE: Final = Queue(Slicing, SlicingStatus.WAITING, SlicingStatus.SLICING, "asked_at")


def slicing_want(
    *, design: Design, layer_um: int = USUAL_LAYER_UM, infill_percent: int = USUAL_INFILL_PERCENT
) -> Slicing:
    """Have a design sliced, once for the same settings."""
    return Slicing.objects.get_or_create(design=design, layer_um=layer_um, infill_percent=infill_percent)[0]


def slicing_claim(*, now: datetime) -> Slicing | None:
    """Take the oldest slicing that waits, or whose worker did not come back."""
    return QUEUE.claim(now=now)


def slicing_next(*, limits: SliceLimits | None = None) -> Slicing | None:
    """Claim one slicing and do it; None when none waits."""
    slicing = slicing_claim(now=timezone.now())
    if slicing is None:
        return None
    if slicing.attempts > ATTEMPT_LIMIT:
        _settle(slicing, SlicingStatus.FAILED, reason=f"Slicing was cut off {ATTEMPT_LIMIT} times.")
        return slicing
    with QUEUE.unless_gone(slicing):
        try:
            said = _slice(slicing, limits or SliceLimits())
        except SliceFailed as failure:
            _settle(slicing, SlicingStatus.FAILED, reason=str(failure)[:REASON_CHARS])
        else:
            _settle(
                slicing,
                SlicingStatus.SLICED,
                seconds=said.seconds,
                extruded_mm3=said.extruded_mm3,
                slicer=f"{said.slicer} {said.version}",
                profile=f"{prusa.PROFILE.stem} {prusa.profile_digest()}",
            )
    return slicing


def _slice(slicing: Slicing, limits: SliceLimits) -> SliceOutcome:
    """In children of this process, the model read in one and sliced in another. Raises SliceFailed."""
    binary = prusa.installed()
    if binary is None:
        raise SliceFailed("There is no slicer here: install prusa-slicer for better estimates.")
    beat = partial(QUEUE.renew, slicing)
    how = SliceSettings(slicing.layer_um, slicing.infill_percent)
    with plain_copy(digest_of(slicing.design.printed[0])) as (model, folder):
        stl = folder / "model.stl"
        _roughen(model, stl, limits, beat)
        return prusa.slice_with_prusa(binary, stl, how, limits, beat)


def _roughen(model: Path, stl: Path, limits: SliceLimits, beat: Callable[[], None]) -> None:
    try:
        child_answer(Job(ROUGHEN, str(model.resolve()), str(stl.resolve()), "", **vars(limits)), beat)
    except ModelRefused as refusal:
        raise SliceFailed(refusal.reason.message) from refusal


def _settle(slicing: Slicing, status: SlicingStatus, **found: Any) -> None:
    """Write what came of a claim, if it is still held."""
    QUEUE.settle(slicing, status, sliced_at=timezone.now(), **found)
