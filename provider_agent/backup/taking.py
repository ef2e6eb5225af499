"""From a home to an archive, while its agent runs."""

from __future__ import annotations

import time
from pathlib import Path

from provider_agent import config, identity, keystore
from provider_agent.backup.archive import Archive
from provider_agent.errors import BackupRefused, HomeMissing
from provider_agent.journal.copying import journal_snapshot
from provider_agent.supervisor import JOURNAL

NEEDED = (config.FILE, keystore.FILE)
OPTIONAL = (identity.FILE,)
"""A home has it from its first run on; a lost one costs nothing."""


def backup_take(home: Path) -> Archive:
    """All of a home but the files of its makings. Raises HomeMissing, or BackupRefused where its journal is
    damaged."""
    try:
        files = {name: (home / name).read_bytes() for name in NEEDED}
    except FileNotFoundError as error:
        raise HomeMissing(f"there is no {error.filename}: this is not all of a home") from error
    for name in OPTIONAL:
        if (home / name).exists():
            files[name] = (home / name).read_bytes()
    files[JOURNAL] = journal_snapshot(home / JOURNAL)
    return Archive(int(time.time()), files)


def target_check(path: Path) -> None:
    """A backup never replaces one. Raises BackupRefused."""
    if path.exists():
        raise BackupRefused(f"{path} exists: a backup never replaces another; give it another name")
