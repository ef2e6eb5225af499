"""Writing a backup, and putting one back. See docs/backup.md for what is in it and what is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from marketplace.backup import postgresql, sqlite
from marketplace.backup.archive import archive_new, archive_open, entry_put, entry_read
from marketplace.backup.errors import SiteNotEmpty
from marketplace.backup.rules import MANIFEST, ROWS, Manifest, digest_named, file_name, fit_check
from marketplace.backup.selectors import digests_named, model_with_rows, schema_applied, schema_known
from marketplace.designs import store
from protocol.units import hex_of

DATABASES: Final = {"sqlite": sqlite, "postgresql": postgresql}


@dataclass(frozen=True)
class Backup:
    """What was written where. `lost` are digests (0x text) that rows name and the store no longer has."""

    path: Path
    manifest: Manifest
    lost: list[str]


def backup_make(*, target: Path, now: datetime) -> Backup:
    """Write database and files into one archive: `target`, or a new file in it if it is a folder.

    The site may run meanwhile. Raises ArchiveExists, ProgramMissing, DatabaseFailed, OSError.
    """
    path = target / f"infill-{now:%Y%m%dT%H%M%SZ}.zip" if target.is_dir() else target
    vendor, schema = connection.vendor, schema_applied()
    with TemporaryDirectory(dir=path.parent, prefix=".infill-") as folder, archive_new(path) as archive:
        # Rows before files: a file is kept before the row that names it is, and never removed.
        rows = Path(folder) / ROWS[vendor]
        DATABASES[vendor].rows_dump(rows)
        named = digests_named()
        entries = [entry_put(archive, rows.name, _chunks(rows))]
        # What is not whole is still being written, or lost.
        whole = [digest for digest in sorted(set(store.digests_kept())) if store.is_whole(digest)]
        entries += [entry_put(archive, file_name(digest), store.file_chunks(digest)) for digest in whole]
        manifest = Manifest(f"{now:%Y-%m-%dT%H:%M:%SZ}", vendor, settings.CHAIN_ID, schema, tuple(entries))
        archive.writestr(MANIFEST, manifest.to_bytes())
    return Backup(path, manifest, [hex_of(digest) for digest in sorted(named - set(whole))])


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
        if not replace and (model := model_with_rows()):
            raise SiteNotEmpty(model)
        rows = Path(folder) / ROWS[manifest.vendor]
        with rows.open("wb") as file:
            file.writelines(entry_read(archive, manifest.rows))
        for entry in manifest.files:
            for _ in entry_read(archive, entry):
                pass
        for entry in manifest.files:
            digest = digest_named(entry.name)
            if not store.is_whole(digest):
                store.chunks_save(entry_read(archive, entry), digest)
        os.sync()  # files are on the disk before the rows that name them
        DATABASES[manifest.vendor].rows_load(rows)
    call_command("migrate", verbosity=0, interactive=False)
    return manifest


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(store.CHUNK):
            yield chunk
