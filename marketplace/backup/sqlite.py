"""SQLite's rows: one database file, copied while others write."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import DatabaseError, connection

from marketplace.backup.errors import DatabaseFailed


def rows_dump(target: Path) -> None:
    """Write the rows as they are at one moment to a new file; nobody waits for it. Raises DatabaseFailed."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(target)])
    except DatabaseError as error:
        raise DatabaseFailed("SQLite", str(error)) from error


def rows_load(source: Path) -> None:
    """Replace every row, in one write of the database's own: killed at any line, it is rolled back.

    Raises DatabaseFailed.
    """
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as rows:
            rows.backup(connection.connection)
    except sqlite3.Error as error:
        raise DatabaseFailed("SQLite", str(error)) from error
