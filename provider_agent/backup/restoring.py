"""From an archive to a home that signs nothing before it has caught up.

The key comes last: until then nothing in the folder can sign, and a restore that was killed is begun again in
an empty one.
"""

from __future__ import annotations

import time
from pathlib import Path

from protocol.units import Address
from provider_agent import config, identity, keystore
from provider_agent.backup.archive import Archive
from provider_agent.errors import BackupRefused
from provider_agent.files import file_write
from provider_agent.journal.copying import journal_check
from provider_agent.journal.restored import restored_mark
from provider_agent.journal.store import journal_open
from provider_agent.keystore import keystore_address
from provider_agent.supervisor import JOURNAL

ORDER = (JOURNAL, config.FILE, identity.FILE, keystore.FILE)


def home_restore(home: Path, archive: Archive) -> Address:
    """Make the home, marked as restored; the address of its key. Raises BackupRefused over anything there."""
    _empty_check(home)
    unknown = set(archive.files) - set(ORDER)
    if unknown or not {JOURNAL, config.FILE, keystore.FILE} <= set(archive.files):
        raise BackupRefused("it does not hold what an agent's home does: use the agent that made it")
    journal_check(archive.files[JOURNAL])
    for name in ORDER:
        if name in archive.files:
            file_write(home / name, archive.files[name])
        if name == JOURNAL:
            _mark(home, archive.made_at)
    return keystore_address(home)


def _mark(home: Path, made_at: int) -> None:
    journal = journal_open(home / JOURNAL)
    try:
        restored_mark(journal, int(time.time()), made_at)
    finally:
        journal.close()


def _empty_check(home: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BackupRefused(
            f"{home} is not empty, and may hold a newer journal: move it away, or use another --home"
        )
