"""Writing designs: received, measured, granted, fetched, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from marketplace.accounts.models import Person
from marketplace.activity.services import activity_record
from marketplace.designs import looks, store
from marketplace.designs.access import design_known, original_asked
from marketplace.designs.deliveries import deliveries_end
from marketplace.designs.incoming import disk_full_told
from marketplace.designs.measuring import ChildLimits, configured_limits, measure_in_child
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.measurement import Measurement, ModelRefused, Reason
from marketplace.designs.models import FILE_COLUMNS, Design, Grant, Picture, Repair
from marketplace.designs.parting import PartFile, parts_create, parts_keep
from marketplace.designs.queue import Queue
from marketplace.designs.reading import plain_copy
from marketplace.designs.references import files_hold, files_release
from marketplace.designs.rules import (
    ATTEMPT_LIMIT,
    DeliveryNeeded,
    DesignDeleted,
    DesignInUse,
    DesignNotGranted,
    DesignStatus,
    NothingToPart,
    UploadQuotaExceeded,
    apart_name,
    check_transition,
    clean_name,
)
from marketplace.designs.selectors import bytes_used, design_of, is_granted
from marketplace.designs.slicings import slicing_want
from marketplace.designs.uploads import DesignUpload
from marketplace.designs.uses import uses_of
from protocol.units import digest_of, hex_of

QUEUE: Final = Queue(Design, DesignStatus.UPLOADED, DesignStatus.MEASURING, "uploaded_at")


def design_upload(*, owner: Person, upload: DesignUpload, unit: str = "") -> tuple[Design, bool]:
    """Keep a received file; the flag says whether it is new to this owner. Writes a file: never inside an
    atomic block of one's own. Raises UploadQuotaExceeded."""
    digest = hex_of(upload.digest)
    if known := Design.objects.filter(
        owner=owner, digest=digest, unit=unit, apart=False, part_of=None
    ).first():
        return known, False
    quota_check(owner=owner, length=upload.length)
    while True:
        with disk_full_told():
            store.chunks_save(upload.chunks(), upload.digest, evenly=True)
        with transaction.atomic():
            # Two uploads at once must not both fit into the last free bytes.
            Person.objects.select_for_update().get(pk=owner.pk)
            quota_check(owner=owner, length=upload.length)
            name, length = upload.name or "", upload.length
            if made := design_create(owner=owner, digest=digest, name=name, length=length, unit=unit):
                return made


def design_create(
    *, owner: Person, digest: str, name: str, length: int, unit: str, apart: bool = False
) -> tuple[Design, bool] | None:
    """The design of a file that is kept; the flag says whether it is new. None where the last design of this
    very file was deleted just now: keep it again. To be called in an atomic block."""
    if not files_hold([digest]):
        return None
    design, created = Design.objects.get_or_create(
        owner=owner,
        digest=digest,
        unit=unit,
        apart=apart,
        part_of=None,
        defaults={"name": clean_name(name), "bytes": length},
    )
    if created:
        _announce("design.uploaded", design, actor=owner.address)
    return design, created


def design_convert(*, owner: Person, design: UUID, unit: Unit) -> tuple[Design, bool]:
    """The file of a design read in another unit: another design, of nothing sent again. The flag says whether
    it is new. Raises Http404."""
    found = design_of(owner.address, design)
    # Not a part of some archive that happens to be the same file.
    of_file = Design.objects.filter(
        Q(part_of=None) | Q(pk=design), owner=owner, digest=found.digest, apart=found.apart
    )
    read_so = Q(unit=unit) | Q(unit="", source__read_in=unit)
    if known := of_file.filter(read_so).order_by("uploaded_at").first():
        return known, False
    return _of_the_same_file(found, owner, name=found.name, unit=unit, apart=found.apart)


def design_part(*, owner: Person, design: UUID) -> tuple[Design, bool]:
    """A design of the same file whose things become its parts, each once and with its copies; the one that
    there is stays. The flag says whether it is new. Raises Http404, NothingToPart."""
    found = design_of(owner.address, design)
    if found.part_of_id or not (found.source or {}).get("things"):
        raise NothingToPart
    if found.apart:
        return found, False
    return _of_the_same_file(found, owner, name=apart_name(found.name), unit=found.unit, apart=True)


def _of_the_same_file(
    found: Design, owner: Person, *, name: str, unit: str, apart: bool
) -> tuple[Design, bool]:
    digest, length = found.digest, found.bytes
    with transaction.atomic():
        made = design_create(owner=owner, digest=digest, name=name, length=length, unit=unit, apart=apart)
    if made is None:
        raise Http404
    return made


def quota_check(*, owner: Person, length: int) -> None:
    """Raises UploadQuotaExceeded."""
    used, quota = bytes_used(owner.address), settings.UPLOAD_QUOTA_BYTES
    if used + length > quota:
        raise UploadQuotaExceeded(used, length, quota)


def design_claim(*, now: datetime) -> Design | None:
    """Take the oldest design that waits for measuring, or whose measurer did not come back."""
    return QUEUE.claim(now=now)


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
    with QUEUE.unless_gone(design):
        try:
            measured = _measure(design, limits)
        except ModelRefused as refusal:
            _settle(design, DesignStatus.REFUSED, reasons=[_reason_json(refusal.reason)])
        else:
            columns = {"measurement": measured.measurement.to_json(), **measured.columns}
            _settle(design, DesignStatus.MEASURED, measured.pictures, measured.parts, **columns)
    return design


@dataclass(frozen=True)
class _Measured:
    """What a child found and wrote, kept in the store: `columns` of the design, and rows not saved yet."""

    measurement: Measurement
    columns: dict[str, Any]
    pictures: list[Picture]
    parts: list[PartFile]


def _measure(design: Design, limits: ChildLimits) -> _Measured:
    """Raises ModelRefused."""
    with plain_copy(digest_of(design.digest)) as (model, folder):
        picture = folder / "picture.png"
        try:
            beat = partial(QUEUE.renew, design)
            measurement = measure_in_child(model, picture, limits, beat, design.unit, apart=design.apart)
        finally:
            # Known of a refused model too: its unit may be what is wrong with it.
            _describe(design, picture.with_suffix(".json"))
        pictures = looks.pictures_kept(design, picture)
        files = {"picture": hex_of(store.bytes_save(picture.read_bytes()))}
        files |= looks.previews_kept(picture)
        files |= _print_file(picture.with_suffix(".stl"))
        return _Measured(measurement, files, pictures, parts_keep(picture))


def _describe(design: Design, described: Path) -> None:
    if described.exists():
        with suppress(ValueError):
            QUEUE.held(design).update(source=json.loads(described.read_bytes()))


def _print_file(made: Path) -> dict[str, Any]:
    if not made.exists():
        return {}
    data = made.read_bytes()
    return {"print_digest": hex_of(store.bytes_save(data)), "print_bytes": len(data)}


def _settle(
    design: Design,
    status: DesignStatus,
    pictures: Sequence[Picture] = (),
    parts: Sequence[PartFile] = (),
    **found: Any,
) -> None:
    """Write what came of a claim, if it is still held; an archive's models become designs to be measured."""
    made = {found[column] for column in FILE_COLUMNS if found.get(column)}
    made |= {each.picture for each in pictures} | {part.digest for part in parts}
    with transaction.atomic():
        # What it made may have been removed with another design of the same picture: it is measured again.
        if files_hold(made) and QUEUE.settle(design, status, measured_at=timezone.now(), **found):
            Picture.objects.bulk_create(pictures)
            _announce(f"design.{status.lower()}", design)
            # Of an archive, its parts are printed.
            if status is DesignStatus.MEASURED and not parts:
                slicing_want(design=design)
            for part in parts_create(design, parts):
                _announce("design.uploaded", part, data={"part_of": str(design.pk)})
    # Nobody's, where the design was deleted meanwhile.
    files_release(made)


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
    return _grants_end(Grant.objects.filter(agreement=agreement, revoked_at=None))


def _grants_end(live: QuerySet[Grant]) -> int:
    # Locked, so that two at once do not both announce it.
    ended: Iterable[Grant] = list(live.select_related("design").select_for_update(of=("self",)))
    for grant in ended:
        _announce("design.grant_revoked", grant.design, data={"agreement": grant.agreement})
    deliveries_end(ended)
    return live.update(revoked_at=timezone.now())


def design_file_open(*, person: str, design: UUID) -> tuple[Design, File[Any], int]:
    """The original file for its designer, and its length. Every request is recorded.

    Raises Http404 for an unknown design, DesignNotGranted, DeliveryNeeded for a provider that holds a grant.
    """
    found = design_known(design)
    own = found.owner_id == person
    if not original_asked(person=person, design=found, also=own, told="the plain file"):
        if found.status == DesignStatus.DELETED and (own or is_granted(person, found)):
            raise DesignDeleted
        raise DeliveryNeeded if is_granted(person, found) else DesignNotGranted
    return found, store.file_open(digest_of(found.digest)), found.bytes


@transaction.atomic
def design_delete(*, owner: str, design: UUID) -> None:
    """Remove a design's files and their keys, and all but the name of the design; the row too, where no job
    and no grant of the past names it. Nothing brings it back. The parts of an archive stay.

    Raises Http404, DesignInUse.
    """
    mine = Design.objects.filter(pk=design, owner_id=owner).exclude(status=DesignStatus.DELETED)
    # Who posts a job of it waits here, or is seen below.
    found = mine.select_for_update().first()
    if found is None:
        raise Http404
    if uses := uses_of(found.pk):
        raise DesignInUse(uses)
    check_transition(DesignStatus(found.status), DesignStatus.DELETED)
    _grants_end(Grant.objects.filter(design=found, revoked_at=None))
    seen_by = found.viewings.filter(given=True).values("viewer").distinct().count()
    _announce("design.deleted", found, actor=owner, data={"seen_by": seen_by})
    files = found.files
    found.viewings.all().delete()
    found.pictures.all().delete()
    found.slicings.all().delete()
    # What waits for a repair needs none any more; what was repaired stays, as a design of its own.
    Repair.objects.filter(Q(design=found) | Q(made=found)).delete()
    try:
        with transaction.atomic():
            found.delete()
    except ProtectedError as kept_for:
        # For its parts or a repaired version alone it needs no name: it is nothing to anybody any more.
        named = not all(isinstance(each, Design) for each in kept_for.protected_objects)
        emptied = dict.fromkeys((*FILE_COLUMNS, "unit", *([] if named else ["name"])), "")
        Design.objects.filter(pk=design).update(
            status=DesignStatus.DELETED,
            measurement=None,
            source=None,
            reasons=[],
            bytes=0,
            print_bytes=0,
            **emptied,
        )
    _unneeded_remove(found)
    files_release(files)


def _unneeded_remove(deleted: Design) -> None:
    """Remove the emptied row that was kept for a part or a version alone, with the last of them."""
    for pk in filter(None, (deleted.part_of_id, deleted.repaired_from_id)):
        with suppress(ProtectedError), transaction.atomic():
            Design.objects.filter(pk=pk, status=DesignStatus.DELETED, name="").delete()


def _announce(kind: str, design: Design, actor: str = "", data: dict[str, Any] | None = None) -> None:
    activity_record(
        kind=kind, subject=design.subject, actor=actor, data={"owner": design.owner_id} | (data or {})
    )
