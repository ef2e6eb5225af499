"""Changing the master key, and proving that every kept file opens."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.storage import storages
from django.db.models import QuerySet

from marketplace.designs import incoming, reading, store
from marketplace.designs.keys import wrapped_anew
from marketplace.designs.models import AddressKey, StoredFile, Upload
from marketplace.designs.references import addresses_lost

# Younger ones may be of an upload or a backup that is going on.
LEFT_AFTER: Final = timedelta(days=1)


def keys_rotate() -> int:
    """Wrap every key with the newest master key; says how many were not. Raises MasterKeyMissing.

    Each row is written by itself, if it still is what was read: killed anywhere it goes on where it stopped,
    and any number may run at once.
    """
    count = 0
    for rows in _wrapping():
        for row in rows.iterator():
            fresh = wrapped_anew(row.wrapped)
            if fresh and rows.filter(pk=row.pk, wrapped=row.wrapped).update(wrapped=fresh):
                count += 1
    return count


def keys_behind() -> int:
    """How many keys are not wrapped with the newest master key. Raises MasterKeyMissing."""
    return sum(wrapped_anew(row.wrapped) is not None for rows in _wrapping() for row in rows.iterator())


def _wrapping() -> list[QuerySet[Any]]:
    """All rows with a wrapped key. Of an upload that became a design the key is gone."""
    return [AddressKey.objects.all(), StoredFile.objects.all(), Upload.objects.exclude(wrapped="")]


def files_broken() -> Iterator[str]:
    """The addresses of files that are lost, damaged, or whose key no master key opens. Raises
    MasterKeyMissing where that is the key of addresses."""
    yield from sorted(addresses_lost())
    for row in StoredFile.objects.order_by("pk").iterator():
        if not store.is_whole(store.address_of_row(row)):
            yield row.address


def files_left(now: datetime) -> list[Path | str]:
    """What no row names and nobody works on any more: paths in the store, and what a killed process left
    where uploads arrive. What its children read is not in it: plain_sweep removes that at once."""
    named = {store.path_of(name) for name in StoredFile.objects.values_list("name", flat=True)}
    since = now - LEFT_AFTER
    kept = [
        path
        for path in store.names_kept()
        if path not in named and storages["designs"].get_modified_time(path) < since
    ]
    open_uploads = {incoming.path_of(pk) for pk in Upload.objects.values_list("pk", flat=True)}
    arriving = [
        path
        for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()
        if not path.name.startswith(reading.PREFIX)
        and path not in open_uploads
        and path.stat().st_mtime < since.timestamp()
    ]
    return [*kept, *arriving]


def files_clean(now: datetime) -> int:
    """Remove what is left; says how many files and folders."""
    left = files_left(now)
    for each in left:
        if isinstance(each, str):
            storages["designs"].delete(each)
        elif each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)
    return len(left) + reading.plain_sweep()
