"""Opening the journal, and writing to it atomically."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from provider_agent.errors import HomeMissing, JournalBroken, JournalUnwritable
from provider_agent.journal.schema import VERSION, VERSIONS

BUSY_SECONDS = 10.0
"""How long a write waits for the other process (`infill-agent clear` beside `run`)."""

UNWRITABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
    }
)
"""SQLite's primary result codes that speak of the disk or of another writer, not of a statement."""


class Journal:
    """One connection. Statements outside `atomic` commit alone; commits are on disk when they return.

    Whatever writes may raise JournalUnwritable, and nothing is written then.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All writes inside happen together or not at all. An inner block joins the outer. No await."""
        if self._connection.in_transaction:
            yield
            return
        self._change("BEGIN IMMEDIATE")
        try:
            yield
            self._change("COMMIT")
        except BaseException:
            self._rollback()
            raise

    def write(self, statement: str, *values: Any) -> int:
        """Run one statement; the number of rows it changed."""
        with closing(self._change(statement, values)) as cursor:
            return cursor.rowcount

    def insert(self, table: str, **columns: Any) -> int:
        """Insert one row; its row id. Raises sqlite3.IntegrityError where a key is used."""
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names are ours, values bound
        with closing(self._change(statement, tuple(columns.values()))) as cursor:
            return int(cursor.lastrowid or 0)

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query, if any."""
        found: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
        return found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _rollback(self) -> None:
        """SQLite may have done it by itself, as where the disk is full."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _change(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in UNWRITABLE:
                raise
            raise JournalUnwritable(
                f"the journal cannot be written ({error}): see that the disk has room, and that the agent's "
                "user may write to its home"
            ) from error


def journal_open(path: Path) -> Journal:
    """Open for writing; made or brought to this version where it must. Raises JournalBroken."""
    try:
        connection = _connect(journal_uri(path, "rwc"))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        path.chmod(0o600)
        _tables_make(connection, path)
    except sqlite3.DatabaseError as error:
        raise JournalBroken(
            f"{path}: {error}. Restore it from a copy; do not delete it: it holds bids."
        ) from error
    return Journal(connection)


def journal_read(path: Path) -> Journal:
    """Open for reading beside a running agent. Raises HomeMissing or JournalBroken."""
    if not path.is_file():
        raise HomeMissing(f"there is no journal at {path}: start the agent once with `infill-agent run`")
    try:
        connection = _connect(journal_uri(path, "ro"))
        _version_check(connection, path)
    except sqlite3.DatabaseError as error:
        raise JournalBroken(f"{path}: {error}") from error
    return Journal(connection)


def journal_uri(path: Path, mode: str) -> str:
    """What sqlite3 opens; `mode` is ro, rw or rwc."""
    name = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{name}?mode={mode}"


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
    connection.row_factory = sqlite3.Row
    return connection


def _tables_make(connection: sqlite3.Connection, path: Path) -> None:
    before = connection.execute("PRAGMA user_version").fetchone()[0]
    steps = "".join(VERSIONS[before:])
    if steps:
        if before:
            _copy_keep(connection, path.with_name(f"{path.stem}-version-{before}{path.suffix}"))
        connection.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT;")
    _version_check(connection, path)


def _copy_keep(connection: sqlite3.Connection, path: Path) -> None:
    """The journal as it is before an upgrade, whole under its name or not there."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(fresh),))
    fresh.chmod(0o600)
    fresh.replace(path)


def _version_check(connection: sqlite3.Connection, path: Path) -> None:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found != VERSION:
        raise JournalBroken(
            f"{path} has version {found}, this agent reads {VERSION}: use the agent that wrote it"
        )
