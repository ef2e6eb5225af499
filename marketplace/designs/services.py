"""Writing designs: received, measured, granted, fetched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from marketplace.accounts.models import Person
from marketplace.activity.services import activity_record
from marketplace.designs import store
from marketplace.designs.measuring import ChildLimits, configured_limits, measure_in_child
from marketplace.designs.mesh.measurement import Measurement, ModelRefused, Reason
from marketplace.designs.models import Design, Grant
from marketplace.designs.parting import PartFile, parts_create, parts_keep
from marketplace.designs.rules import (
    ATTEMPT_LIMIT,
    LEASE,
    DesignNotGranted,
    DesignStatus,
    UploadQuotaExceeded,
    check_transition,
    clean_name,
)
from marketplace.designs.selectors import bytes_used, is_granted
from marketplace.designs.uploads import DesignUpload
from protocol.units import digest_of, hex_of


def design_upload(*, owner: Person, upload: DesignUpload, unit: str = "") -> tuple[Design, bool]:
    """Keep a received file; the flag says whether it is new to this owner. Raises UploadQuotaExceeded."""
    digest = hex_of(upload.digest)
    if known := Design.objects.filter(owner=owner, digest=digest, unit=unit, part_of=None).first():
        return known, False
    _quota_check(owner, upload)
    store.file_save(upload, upload.digest)
    with transaction.atomic():
        # Two uploads at once must not both fit into the last free bytes.
        Person.objects.select_for_update().get(pk=owner.pk)
        _quota_check(owner, upload)
        design, created = Design.objects.get_or_create(
            owner=owner,
            digest=digest,
            unit=unit,
            part_of=None,
            defaults={"name": clean_name(upload.name or ""), "bytes": upload.length},
        )
        if created:
            _announce("design.uploaded", design, actor=owner.address)
    return design, created


def _quota_check(owner: Person, upload: DesignUpload) -> None:
    used, quota = bytes_used(owner.address), settings.UPLOAD_QUOTA_BYTES
    if used + upload.length > quota:
        raise UploadQuotaExceeded(used, upload.length, quota)


def design_claim(*, now: datetime) -> Design | None:
    """Take the oldest design that waits for measuring, or whose measurer did not come back."""
    waiting = Q(status=DesignStatus.UPLOADED) | Q(status=DesignStatus.MEASURING, claimed_until__lt=now)
    for design in Design.objects.filter(waiting).order_by("uploaded_at")[:20]:
        check_transition(DesignStatus(design.status), DesignStatus.MEASURING)
        unchanged = Design.objects.filter(pk=design.pk, status=design.status, attempts=design.attempts)
        if unchanged.update(
            status=DesignStatus.MEASURING, claimed_until=now + LEASE, attempts=F("attempts") + 1
        ):
            design.refresh_from_db()
            return design
    return None


def design_measure_next(*, limits: ChildLimits | None = None) -> Design | None:
    """Claim one waiting design and measure it in a child process; None when none waits."""
    limits = limits or configured_limits()
    design = design_claim(now=timezone.now())
    if design is None:
        return None
    if design.attempts > ATTEMPT_LIMIT:
        reason = Reason(
            "measuring-failed",
            f"Measuring was cut off {ATTEMPT_LIMIT} times. Export the model with a coarser tolerance.",
        )
        _settle(design, DesignStatus.REFUSED, reasons=[_reason_json(reason)])
        return design
    try:
        measurement, files, parts = _measure(design, limits)
    except ModelRefused as refusal:
        _settle(design, DesignStatus.REFUSED, reasons=[_reason_json(refusal.reason)])
    else:
        _settle(design, DesignStatus.MEASURED, parts, measurement=measurement.to_json(), **files)
    return design


def _measure(design: Design, limits: ChildLimits) -> tuple[Measurement, dict[str, Any], list[PartFile]]:
    with (
        TemporaryDirectory(prefix="measure-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder,
        store.local_copy(digest_of(design.digest)) as model,
    ):
        picture = Path(folder) / "picture.png"
        try:
            measurement = measure_in_child(model, picture, limits, partial(_renew, design), design.unit)
        finally:
            # Known of a refused model too: its unit may be what is wrong with it.
            _describe(design, picture.with_suffix(".json"))
        files = {"picture": hex_of(store.bytes_save(picture.read_bytes()))}
        files |= _print_file(picture.with_suffix(".stl"))
        return measurement, files, parts_keep(picture)


def _describe(design: Design, described: Path) -> None:
    if described.exists():
        with suppress(ValueError):
            _claimed(design).update(source=json.loads(described.read_bytes()))


def _print_file(made: Path) -> dict[str, Any]:
    if not made.exists():
        return {}
    data = made.read_bytes()
    return {"print_digest": hex_of(store.bytes_save(data)), "print_bytes": len(data)}


def _renew(design: Design) -> None:
    """The claim's holder is alive and at it."""
    _claimed(design).update(claimed_until=timezone.now() + LEASE)


def _claimed(design: Design) -> QuerySet[Design]:
    """The row of a claim, unless the claim ran out and somebody else holds it: then nothing."""
    return Design.objects.filter(pk=design.pk, status=DesignStatus.MEASURING, attempts=design.attempts)


def _settle(design: Design, status: DesignStatus, parts: Sequence[PartFile] = (), **found: Any) -> None:
    """Write what came of a claim, if it is still held; an archive's models become designs to be measured."""
    check_transition(DesignStatus(design.status), status)
    with transaction.atomic():
        if _claimed(design).update(status=status, claimed_until=None, measured_at=timezone.now(), **found):
            _announce(f"design.{status.lower()}", design)
            for part in parts_create(design, parts):
                _announce("design.uploaded", part, data={"part_of": str(design.pk)})
    design.refresh_from_db()


def _reason_json(reason: Reason) -> dict[str, str]:
    return {"code": reason.code, "message": reason.message}


@transaction.atomic
def design_grant_create(*, design: UUID, provider: str, agreement: str, purpose: str = "") -> Grant:
    """Let the winner of an agreement fetch a design. Twice changes nothing; a revoked grant revives."""
    grant, created = Grant.objects.get_or_create(
        design_id=design, provider=provider, agreement=agreement, defaults={"purpose": purpose}
    )
    revived = Grant.objects.filter(pk=grant.pk, revoked_at__isnull=False).update(revoked_at=None)
    if created or revived:
        _announce("design.granted", grant.design, data={"provider": provider, "agreement": agreement})
    return grant


@transaction.atomic
def design_grant_revoke(*, agreement: str) -> int:
    """End every grant given because of an agreement; says how many ended."""
    live = Grant.objects.filter(agreement=agreement, revoked_at=None)
    # Locked, so that two at once do not both announce it.
    ended: Iterable[Grant] = list(live.select_related("design").select_for_update(of=("self",)))
    for grant in ended:
        _announce("design.grant_revoked", grant.design, data={"agreement": agreement})
    return live.update(revoked_at=timezone.now())


def design_file_open(*, person: str, design: UUID) -> tuple[Design, File[Any], int]:
    """The original file for its owner, what is to be printed for a provider holding a grant; and its length.

    Every fetch by a provider is recorded.

    Raises Http404 for an unknown design, DesignNotGranted.
    """
    found = Design.objects.filter(pk=design).first()
    if found is None:
        raise Http404
    if found.owner_id != person:
        if not is_granted(person, found):
            raise DesignNotGranted
        with transaction.atomic():
            _announce("design.fetched", found, actor=person)
        digest, length = found.printed
        return found, store.file_open(digest_of(digest)), length
    return found, store.file_open(digest_of(found.digest)), found.bytes


def _announce(kind: str, design: Design, actor: str = "", data: dict[str, Any] | None = None) -> None:
    activity_record(
        kind=kind, subject=design.subject, actor=actor, data={"owner": design.owner_id} | (data or {})
    )
