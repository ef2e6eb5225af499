"""Writing uploads that arrive in parts: started, continued, finished once, given up."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from io import FileIO

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import Http404

from marketplace.accounts.models import Person
from marketplace.designs import incoming, store
from marketplace.designs.keys import wrap
from marketplace.designs.models import Design, Upload
from marketplace.designs.rules import (
    UPLOAD_OPEN_FOR,
    UPLOAD_OPEN_LIMIT,
    DiskFull,
    TooManyUploads,
    UploadBusy,
    UploadLost,
    UploadOffsetWrong,
    UploadTooLarge,
    clean_name,
)
from marketplace.designs.sealing import KEY_BYTES
from marketplace.designs.selectors import uploads_open
from marketplace.designs.services import design_create, quota_check
from protocol.units import Digest, hex_of


def upload_create(*, owner: Person, name: str, length: int, unit: str, now: datetime) -> Upload:
    """Make room for a file of `length` bytes, and finish it if that is none.

    Raises UploadTooLarge, UploadQuotaExceeded, TooManyUploads.
    """
    if length > settings.UPLOAD_LIMIT_BYTES:
        raise UploadTooLarge(settings.UPLOAD_LIMIT_BYTES)
    with transaction.atomic():
        # Two at once must not both get the last place or the last free bytes.
        Person.objects.select_for_update().get(pk=owner.pk)
        if uploads_open(owner.address).count() >= UPLOAD_OPEN_LIMIT:
            raise TooManyUploads
        quota_check(owner=owner, length=length)
        upload = Upload.objects.create(
            owner=owner,
            name=clean_name(name),
            unit=unit,
            length=length,
            wrapped=wrap(secrets.token_bytes(KEY_BYTES)),
            expires_at=now + UPLOAD_OPEN_FOR,
        )
    if upload.is_received:
        upload_complete(upload=upload)
    return upload


def upload_append(*, upload: Upload, offset: int, chunks: Iterable[bytes], now: datetime) -> None:
    """Add bytes at `offset`, which has to be the next one; the last ones make the upload a design.

    Raises Http404, UploadOffsetWrong, UploadBusy, UploadLost, UploadOverrun, DiskFull, MasterKeyMissing.
    """
    if upload.design_id:
        return _place_check(upload, offset)
    with incoming.held(upload.pk, create=offset == 0) as file:
        _reload(upload)
        _place_check(upload, offset)
        if upload.design_id:
            return None
        if file.seek(0, 2) < upload.sealed_bytes:
            raise UploadLost
        count, sealed = incoming.append(file, upload, chunks)
        unmoved = Upload.objects.filter(pk=upload.pk, offset=offset, design=None)
        moved = {"offset": offset + count, "sealed_bytes": sealed, "expires_at": now + UPLOAD_OPEN_FOR}
        if not unmoved.update(**moved):
            raise UploadOffsetWrong(offset)
        _reload(upload)
        if upload.is_received:
            _complete(upload, file)
    return None


def upload_complete(*, upload: Upload) -> None:
    """Make an upload that was received whole a design, unless it is one. Raises as `upload_append`."""
    if upload.design_id:
        return
    with incoming.held(upload.pk, create=upload.length == 0) as file:
        _reload(upload)
        if upload.is_received and not upload.design_id:
            _complete(upload, file)


def upload_end(*, upload: Upload) -> None:
    """Forget an upload and what came of it; the design it became stays. Raises UploadBusy."""
    with suppress(UploadLost), incoming.held(upload.pk, create=False):
        incoming.discard(upload.pk)
        upload.delete()
        return
    upload.delete()


def uploads_sweep(*, now: datetime) -> int:
    """Finish what was received whole by one who was cut off then, and forget what expired; says how many.

    Who holds one is at it, and a worker without the folder of incoming files leaves it to another.
    """
    count = 0
    for upload in Upload.objects.filter(design=None, offset=F("length"), expires_at__gt=now):
        with suppress(UploadBusy, UploadLost, DiskFull, Http404):
            upload_complete(upload=upload)
            count += 1
    for upload in Upload.objects.filter(expires_at__lte=now):
        with suppress(UploadBusy):
            upload_end(upload=upload)
            count += 1
    return count


def _reload(upload: Upload) -> None:
    """Raises Http404 if it was ended meanwhile, and leaves no file of it."""
    try:
        upload.refresh_from_db()
    except Upload.DoesNotExist as error:
        incoming.discard(upload.pk)
        raise Http404 from error


def _place_check(upload: Upload, offset: int) -> None:
    if upload.offset != offset:
        raise UploadOffsetWrong(upload.offset)


def _complete(upload: Upload, file: FileIO) -> None:
    """Whoever is killed in between leaves it to the next: the file goes last."""
    if file.seek(0, 2) < upload.sealed_bytes:
        raise UploadLost
    running = store.addressing()
    for chunk in incoming.chunks_of(file, upload):
        running.update(chunk)
    design = _keep(upload, file, Digest(running.digest()))
    upload.design = design
    incoming.discard(upload.pk)


def _keep(upload: Upload, file: FileIO, address: Digest) -> Design:
    name, length, unit = upload.name, upload.length, upload.unit
    while True:
        with incoming.disk_full_told():
            store.chunks_save(incoming.chunks_of(file, upload), address, evenly=True)
        with transaction.atomic():
            if made := design_create(
                owner=upload.owner, digest=hex_of(address), name=name, length=length, unit=unit
            ):
                Upload.objects.filter(pk=upload.pk, design=None).update(design=made[0], wrapped="")
                return made[0]
