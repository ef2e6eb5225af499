"""Repairs: asked for by a design's owner, done in a child process, kept as a version beside the original."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from marketplace.accounts.models import Person
from marketplace.activity.services import activity_record
from marketplace.designs import store
from marketplace.designs.measuring import ChildLimits, child_answer, configured_limits, failed
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.warm import Job
from marketplace.designs.models import Design, Repair
from marketplace.designs.queue import Queue
from marketplace.designs.reading import plain_copy
from marketplace.designs.references import files_hold, files_release
from marketplace.designs.rules import (
    ATTEMPT_LIMIT,
    DesignNotMeasured,
    NothingToRepair,
    RepairStatus,
    UploadQuotaExceeded,
    is_repairable,
    repaired_name,
)
from marketplace.designs.selectors import design_of
from marketplace.designs.services import quota_check
from marketplace.designs.warmed import REPAIR
from protocol.units import digest_of, hex_of

QUEUE: Final = Queue(Repair, RepairStatus.WANTED, RepairStatus.REPAIRING, "wanted_at")


def repair_want(*, owner: str, design: UUID) -> tuple[Repair, bool]:
    """Ask for a repair of an own design; the flag says whether nobody had yet.

    Raises Http404, DesignNotMeasured, NothingToRepair.
    """
    found = design_of(owner, design)
    if found.measured is None:
        raise DesignNotMeasured("This design is not measured (yet): look at its status and reasons.")
    if not is_repairable((finding.code for finding in found.measured.findings), found.measured.bodies):
        raise NothingToRepair
    with transaction.atomic():
        wanted, created = Repair.objects.get_or_create(design=found)
        if created:
            activity_record(
                kind="design.repair_wanted", subject=found.subject, actor=owner, data={"owner": owner}
            )
    return wanted, created


def repair_claim(*, now: datetime) -> Repair | None:
    """Take the oldest repair that waits, or whose worker did not come back."""
    return QUEUE.claim(now=now)


def repair_next(*, limits: ChildLimits | None = None) -> Repair | None:
    """Claim one waiting repair and do it in a child process; None when none waits."""
    repair = repair_claim(now=timezone.now())
    if repair is None:
        return None
    with QUEUE.unless_gone(repair):
        try:
            if repair.attempts > ATTEMPT_LIMIT:
                raise failed()
            data, done = _repaired(repair, limits or configured_limits())
            _settle_done(repair, data, done)
        except ModelRefused as refusal:
            reason = {"code": refusal.reason.code, "message": refusal.reason.message}
            _settle(repair, RepairStatus.REFUSED, reasons=[reason])
    return repair


def _repaired(repair: Repair, limits: ChildLimits) -> tuple[bytes, list[str]]:
    """The repaired model as STL in millimetres, and what was done. Raises ModelRefused."""
    design = repair.design
    with plain_copy(digest_of(design.digest)) as (model, folder):
        made = folder / "repaired.stl"
        job = Job(REPAIR, str(model.resolve()), str(made.resolve()), design.unit, **vars(limits))
        answer = child_answer(job, partial(QUEUE.renew, repair))
        try:
            return made.read_bytes(), [str(each) for each in answer["repaired"]]
        except (OSError, KeyError, TypeError) as error:
            raise failed() from error


def _settle_done(repair: Repair, data: bytes, done: list[str]) -> None:
    """Raises ModelRefused where the version does not fit into its owner's quota."""
    owner, original = repair.design.owner, repair.design
    found = {
        "name": repaired_name(original.name),
        "bytes": len(data),
        "repaired_from": original,
        "repairs": done,
    }
    digest = hex_of(store.bytes_save(data))
    try:
        with transaction.atomic():
            # As for an upload: two at once must not both fit into the last free bytes.
            Person.objects.select_for_update().get(pk=owner.pk)
            quota_check(owner=owner, length=len(data))
            if files_hold([digest]):
                made, created = Design.objects.get_or_create(
                    owner=owner, digest=digest, unit="", apart=False, part_of=None, defaults=found
                )
                if not _settle(repair, RepairStatus.DONE, made=made):
                    transaction.set_rollback(True)
                elif created:
                    told = {"owner": owner.address}
                    activity_record(kind="design.uploaded", subject=made.subject, data=told)
    except UploadQuotaExceeded as full:
        raise ModelRefused(full.code, str(full)) from full
    finally:
        # Nobody's, where no version came of it.
        files_release([digest])


def _settle(repair: Repair, status: RepairStatus, **found: Any) -> bool:
    """Write what came of a claim, if it is still held; says so."""
    with transaction.atomic():
        held = QUEUE.settle(repair, status, **found)
        if held:
            activity_record(
                kind=f"design.repair_{status.lower()}",
                subject=repair.design.subject,
                data={"owner": repair.design.owner_id},
            )
    return held
