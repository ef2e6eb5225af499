"""Writing a backup, and putting one back. See docs/backup.md for what is in it and what is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from marketplace.backup import postgresql, sqlite
from marketplace.backup.archive import archive_new, archive_open, entry_put, entry_read
from marketplace.backup.errors import MasterKeyOther, SiteNotEmpty
from marketplace.backup.rules import MANIFEST, ROWS, Entry, Manifest, file_name, fit_check, name_kept
from marketplace.backup.selectors import (
    address_key_wrapped,
    file_is_whole,
    files_lost,
    files_named,
    model_with_rows,
    schema_applied,
    schema_known,
)
from marketplace.designs import store
from marketplace.designs.keys import MasterKeyMissing, unwrap
from protocol.units import digest_of, hex_of

DATABASES: Final = {"sqlite": sqlite, "postgresql": postgresql}


@dataclass(frozen=True)
class Backup:
    """What was written where. `lost` are digests (0x text) that rows name and the store no longer has."""

    path: Path
    manifest: Manifest
    lost: list[str]


def backup_make(*, target: Path, now: datetime) -> Backup:
    """Write database and files into one archive: `target`, or a new file in it if it is a folder.

    The site may run meanwhile. Raises ArchiveExists, MasterKeyOther, ProgramMissing, DatabaseFailed,
    OSError.
    """
    path = target / f"infill-{now:%Y%m%dT%H%M%SZ}.zip" if target.is_dir() else target
    vendor, schema = connection.vendor, schema_applied()
    with TemporaryDirectory(dir=path.parent, prefix=".infill-") as folder, archive_new(path) as archive:
        # Rows before files: a file is kept before the row that names it. Who deletes one meanwhile takes it
        # along.
        rows = Path(folder) / ROWS[vendor]
        DATABASES[vendor].rows_dump(rows)
        named, key = files_named(), address_key_wrapped()
        _key_check(key, "this site")
        whole = [name for name, digest in sorted(named.items()) if file_is_whole(name, digest)]
        entries = [entry_put(archive, rows.name, _chunks(rows))]
        entries += [entry for name in whole if (entry := _file_put(archive, name))]
        made_at = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        manifest = Manifest(made_at, vendor, settings.CHAIN_ID, schema, tuple(entries), key)
        archive.writestr(MANIFEST, manifest.to_bytes())
    put = {name_kept(entry.name) for entry in manifest.files}
    missing = (named.keys() & files_named().keys()) - put
    return Backup(path, manifest, sorted({hex_of(named[name]) for name in missing} | files_lost()))


def backup_restore(*, source: Path, replace: bool) -> Manifest:
    """Put an archive's rows and files in the place of the site's; with `replace` even if it has rows.

    Every byte is checked before anything is touched. Rows change all at once or not at all, and files are
    only added, so whoever is killed leaves the site as it was. Nothing else may use the database meanwhile.
    Raises a BackupRefused, OSError.
    """
    with (
        archive_open(source) as (archive, manifest),
        TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="restore-") as folder,
    ):
        fit_check(manifest, vendor=connection.vendor, chain_id=settings.CHAIN_ID, known=schema_known())
        _key_check(manifest.key, "this archive")
        if not replace and (model := model_with_rows()):
            raise SiteNotEmpty(model)
        rows = Path(folder) / ROWS[manifest.vendor]
        with rows.open("wb") as file:
            file.writelines(entry_read(archive, manifest.rows))
        for entry in manifest.files:
            for _ in entry_read(archive, entry):
                pass
        for entry in manifest.files:
            name = name_kept(entry.name)
            if not store.sealed_is(name, digest_of(entry.digest)):
                store.sealed_delete(name)
                store.sealed_save(name, entry_read(archive, entry))
        os.sync()  # files are on the disk before the rows that name them
        DATABASES[manifest.vendor].rows_load(rows)
    call_command("migrate", verbosity=0, interactive=False)
    return manifest


def _key_check(wrapped: str, what: str) -> None:
    if wrapped:
        try:
            unwrap(wrapped)
        except MasterKeyMissing as error:
            raise MasterKeyOther(what) from error


def _file_put(archive: ZipFile, name: str) -> Entry | None:
    """Add a file as it lies in the store, encrypted; None if it was just deleted."""
    chunks = store.sealed_chunks(name)
    try:
        first = next(chunks, b"")
    except FileNotFoundError:
        return None
    return entry_put(archive, file_name(name), chain([first], chunks))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(store.CHUNK):
            yield chunk
