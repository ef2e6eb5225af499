"""Copies of a journal: one moment of it, whole, while others write."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from provider_agent.errors import BackupRefused, HomeMissing
from provider_agent.journal.schema import VERSION
from provider_agent.journal.store import BUSY_SECONDS, journal_uri


def journal_snapshot(path: Path) -> bytes:
    """A checked copy, of this version or an older one. Raises HomeMissing or BackupRefused."""
    if not path.is_file():
        raise HomeMissing(f"there is no journal at {path}: start the agent once with `infill-agent run`")
    try:
        with (
            closing(sqlite3.connect(journal_uri(path, "ro"), uri=True, timeout=BUSY_SECONDS)) as source,
            closing(sqlite3.connect(":memory:")) as copy,
        ):
            source.backup(copy)
            _check(copy)
            return _without_wal(copy.serialize())
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"the journal at {path} is damaged ({error}): {OLDER}") from error


def journal_check(data: bytes) -> None:
    """Whether a copy is whole and can be read by this agent. Raises BackupRefused."""
    try:
        with closing(sqlite3.connect(":memory:")) as copy:
            copy.deserialize(data)
            _check(copy)
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"its journal is damaged ({error}): {OLDER}") from error


def problems_of(connection: sqlite3.Connection) -> str:
    """What is wrong inside a journal; empty where nothing is."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
    lost = [str(row[0]) for row in connection.execute("PRAGMA foreign_key_check")]
    if found != ["ok"]:
        return "; ".join(found)
    return f"rows of {', '.join(sorted(set(lost)))} name what is not there" if lost else ""


OLDER = "keep it, and restore the newest backup that is whole; docs/recovering.md"


def _without_wal(data: bytes) -> bytes:
    """The same file marked as one without a log beside it (bytes 18 and 19 of SQLite's header): in memory
    there is none. Opening a journal sets the mark again."""
    return data[:18] + b"\x01\x01" + data[20:]


def _check(copy: sqlite3.Connection) -> None:
    if problems := problems_of(copy):
        raise BackupRefused(f"the journal is damaged ({problems}): {OLDER}")
    version = copy.execute("PRAGMA user_version").fetchone()[0]
    if not 1 <= version <= VERSION:
        raise BackupRefused(
            f"the journal has version {version}, this agent reads up to {VERSION}: use the one that wrote it"
        )
