"""Logs into the database in bulk: what is there already stays as it is.

The SQL is put together from the names of the table and its columns alone.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, connection, transaction

from marketplace.chain.models import Log
from marketplace.chain.rows import LogRow

NAMES = ("cursor_id", *LogRow._fields)
COLUMNS = ", ".join(f'"{name}"' for name in NAMES)
TABLE = Log._meta.db_table
STAGE = f"{TABLE}_stage"
KEPT = "ON CONFLICT (block_digest, log_index) DO NOTHING"
PLACES = ", ".join(["%s"] * len(NAMES))
INSERTED = f"INSERT INTO {TABLE} ({COLUMNS}) VALUES ({PLACES}) {KEPT}"  # noqa: S608
STAGE_MADE = (
    f"CREATE TEMPORARY TABLE {STAGE} ON COMMIT DROP "  # noqa: S608
    f"AS SELECT {COLUMNS} FROM {TABLE} WITH NO DATA"
)
STAGE_STORED = f"INSERT INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM {STAGE} {KEPT}"  # noqa: S608
STAGE_GONE = f"DROP TABLE {STAGE}"
ROWS_AT_ONCE = 500
"""In one piece to the server, which takes them in while the next are written out."""


def logs_insert(*, cursor: int, rows: Sequence[LogRow]) -> None:
    """Store logs of one cursor, inside the caller's atomic block; a log that is stored is left alone."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        _copy(cursor, rows)
    else:
        _insert(cursor, rows)


def _copy(cursor: int, rows: Sequence[LogRow]) -> None:
    try:
        with transaction.atomic():
            _copy_into(TABLE, cursor, rows)
    except IntegrityError:
        _copy_missing(cursor, rows)


def _copy_missing(cursor: int, rows: Sequence[LogRow]) -> None:
    """COPY knows no conflicts: some of these logs are stored already."""
    with connection.cursor() as database:
        database.execute(STAGE_MADE)
        _copy_into(STAGE, cursor, rows)
        database.execute(STAGE_STORED)
        database.execute(STAGE_GONE)


def _copy_into(table: str, cursor: int, rows: Sequence[LogRow]) -> None:
    statement = f"COPY {table} ({COLUMNS}) FROM STDIN"
    # Django turns the errors of `execute` into its own, not those of `copy`.
    with connection.wrap_database_errors, connection.cursor() as database, database.copy(statement) as copy:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            copy.write(_lines(cursor, rows[start : start + ROWS_AT_ONCE]))


def _lines(cursor: int, rows: Sequence[LogRow]) -> str:
    """PostgreSQL's text format: no value has a tab, a line's end or a backslash."""
    form = "\t".join([str(cursor), *["%s"] * len(LogRow._fields)]) + "\n"
    return "".join([form % row for row in rows])


def _insert(cursor: int, rows: Sequence[LogRow]) -> None:
    with connection.cursor() as database:
        database.executemany(INSERTED, list(_values(cursor, rows)))


def _values(cursor: int, rows: Sequence[LogRow]) -> Iterator[tuple[Any, ...]]:
    adapted = lru_cache(maxsize=1024)(connection.ops.adapt_datetimefield_value)
    for row in rows:
        yield cursor, *row[:-1], adapted(row.time)
