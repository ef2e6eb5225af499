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

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from marketplace.activity.services import activity_record
from marketplace.designs.measuring import child_answer
from marketplace.designs.mesh.materials import MaterialClass
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.warm import Job
from marketplace.designs.models import Design, Slicing
from marketplace.designs.queue import Queue
from marketplace.designs.reading import plain_copy
from marketplace.designs.rules import (
    ATTEMPT_LIMIT,
    SLICINGS_LIMIT,
    USUAL_INFILL_PERCENT,
    USUAL_LAYER_UM,
    SlicingStatus,
)
from marketplace.designs.slicing import slicer
from marketplace.designs.slicing.outcome import SliceFailed, SliceOutcome, SliceSettings
from marketplace.designs.slicing.slicer import SliceLimits
from marketplace.designs.warmed import ROUGHEN
from protocol.units import digest_of

REASON_CHARS: Final = 400
USUAL: Final = SliceSettings(USUAL_LAYER_UM, USUAL_INFILL_PERCENT)
QUEUE: Final = Queue(Slicing, SlicingStatus.WAITING, SlicingStatus.SLICING, "asked_at")


@transaction.atomic
def slicing_want(*, design: Design, how: SliceSettings = USUAL) -> Slicing | None:
    """Have a design sliced, once for the same settings; None where it has as many as one may have."""
    # Locked, so that two at once do not both take the last place.
    Design.objects.select_for_update().get(pk=design.pk)
    known = _known(design)
    if found := known.filter(**vars(how)).first():
        return found
    if known.count() >= SLICINGS_LIMIT:
        return None
    activity_record(kind="design.slice_wanted", subject=design.subject, data={"owner": design.owner_id})
    return Slicing.objects.create(design=design, **vars(how))


def _known(design: Design) -> QuerySet[Slicing]:
    return Slicing.objects.filter(design=design)


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
                profile=said.profile,
            )
    return slicing


def _slice(slicing: Slicing, limits: SliceLimits) -> SliceOutcome:
    """In children of this process, the model read in one and sliced in another. Raises SliceFailed."""
    beat = partial(QUEUE.renew, slicing)
    how = SliceSettings(slicing.layer_um, slicing.infill_percent, MaterialClass(slicing.material_class))
    with plain_copy(digest_of(slicing.design.printed[0])) as (model, folder):
        stl = folder / "model.stl"
        _roughen(model, stl, limits, beat)
        return slicer.slice_standard(stl, how, limits, beat)


def _roughen(model: Path, stl: Path, limits: SliceLimits, beat: Callable[[], None]) -> None:
    try:
        child_answer(Job(ROUGHEN, str(model.resolve()), str(stl.resolve()), "", **vars(limits)), beat)
    except ModelRefused as refusal:
        raise SliceFailed(refusal.reason.message) from refusal


def _settle(slicing: Slicing, status: SlicingStatus, **found: Any) -> None:
    """Write what came of a claim, if it is still held, and tell of it."""
    with transaction.atomic():
        if QUEUE.settle(slicing, status, sliced_at=timezone.now(), **found):
            design = slicing.design
            activity_record(
                kind=f"design.slice_{status.lower()}",
                subject=design.subject,
                data={"owner": design.owner_id},
            )
