"""A file for who prints it, encrypted to that agent's own key with age (X25519), while its grant lives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

import pyrage
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.http import Http404

from marketplace.activity.services import activity_record
from marketplace.designs import store
from marketplace.designs.access import grant_live, original_asked
from marketplace.designs.hashing import keccak_stream
from marketplace.designs.models import Delivery, Grant
from marketplace.designs.references import files_release
from marketplace.designs.rules import (
    DesignDeleted,
    DesignNotGranted,
    DesignStatus,
    RecipientRefused,
)
from protocol.units import Digest, digest_of, hex_of


def recipient_of(text: str) -> pyrage.x25519.Recipient:
    """An age X25519 recipient. Raises RecipientRefused."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise RecipientRefused(f"This is no age X25519 recipient: {error}.") from error


def design_deliver(
    *, design: UUID, provider: str, agreement: str, recipient: str, statement: str
) -> Delivery:
    """Encrypt what is printed of a design to a recipient that the provider's signature named; the same
    again is what is there. Reads and writes files: never inside an atomic block of one's own.

    Raises DesignNotGranted, DesignDeleted, RecipientRefused, FileLost, FileDamaged,
    MasterKeyMissing.
    """
    key = recipient_of(recipient)
    grant = grant_live(design=design, provider=provider, agreement=agreement)
    known = Delivery.objects.filter(grant=grant, recipient=recipient).first()
    if known and known.sealed and store.is_whole(digest_of(known.sealed)):
        return known
    with TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as made:
        with store.file_open(digest_of(grant.design.printed[0])) as plain:
            pyrage.encrypt_io(plain, made, [key])
        return _kept(grant, recipient, statement, made, known.sealed if known else "")


def _kept(grant: Grant, recipient: str, statement: str, made: IO[bytes], lost: str) -> Delivery:
    """`lost` is where an earlier ciphertext was that is not whole any more, or empty."""
    hashing, address = keccak_stream(), store.addressing()
    for chunk in _chunks(made):
        hashing.update(chunk)
        address.update(chunk)
    sealed = Digest(address.digest())
    found: dict[str, Any] = {
        "statement": statement,
        "sealed": hex_of(sealed),
        "digest": hex_of(Digest(hashing.digest())),
        "bytes": made.tell(),
    }
    store.chunks_save(_chunks(made), sealed)
    try:
        with transaction.atomic():
            return _recorded(grant, recipient, found, lost)
    except (DesignNotGranted, DesignDeleted):
        files_release([found["sealed"]])
        raise


def _recorded(grant: Grant, recipient: str, found: dict[str, Any], lost: str) -> Delivery:
    """Of two at once the first is kept: each has a ciphertext of its own, and an agent goes on with one."""
    # Who revokes or deletes holds this row: then there is nothing to deliver any more.
    Grant.objects.select_for_update().get(pk=grant.pk)
    grant_live(design=grant.design_id, provider=grant.provider, agreement=grant.agreement)
    known = Delivery.objects.filter(grant=grant, recipient=recipient).first()
    if known and known.sealed not in ("", lost):
        files_release([found["sealed"]])
        return known
    delivery, _ = Delivery.objects.update_or_create(grant=grant, recipient=recipient, defaults=found)
    files_release([lost])
    data = {"owner": grant.design.owner_id, "agreement": grant.agreement, "recipient": recipient}
    activity_record(
        kind="design.delivered",
        subject=grant.design.subject,
        actor=grant.provider,
        data=data | {"digest": delivery.digest},
    )
    return delivery


def delivery_open(*, person: str, delivery: UUID) -> tuple[Delivery, File[Any]]:
    """The ciphertext of a delivery, for the provider it was made for. Every fetch is recorded.

    Raises Http404 for none, DesignNotGranted, DesignDeleted.
    """
    found = Delivery.objects.select_related("grant__design").filter(pk=delivery).first()
    if found is None:
        raise Http404
    design, told = found.grant.design, f"encrypted to {found.recipient[:12]}…"
    also = found.grant.provider == person and bool(found.sealed)
    if not original_asked(person=person, design=design, also=also, told=told):
        raise DesignDeleted if design.status == DesignStatus.DELETED else DesignNotGranted
    return found, store.file_open(digest_of(found.sealed))


def deliveries_end(grants: Iterable[Grant]) -> None:
    """Remove what was encrypted for grants that end. Inside the caller's atomic block."""
    ending = Delivery.objects.filter(grant__in=list(grants)).exclude(sealed="")
    addresses = list(ending.values_list("sealed", flat=True))
    ending.update(sealed="")
    files_release(addresses)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(store.CHUNK):
        yield chunk
