"""Logs into the database in bulk: what is there already stays as it is.

The SQL is put together from the names of the table and its columns alone.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

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
    f"CREATE TEMPORARY TABLE IF NOT EXISTS {STAGE} ON COMMIT DROP "  # noqa: S608
    f"AS SELECT {COLUMNS} FROM {TABLE} WITH NO DATA"
)
STAGE_STORED = f"INSERT INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM {STAGE} {KEPT}"  # noqa: S608


def logs_insert(*, cursor: int, rows: Sequence[LogRow]) -> None:
    """Store logs of one cursor, inside the caller's atomic block; a log that is stored is left alone."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        _copy(cursor, rows)
    else:
        _insert(cursor, rows)


def _copy(cursor: int, rows: Sequence[LogRow]) -> None:
    with connection.cursor() as database:
        database.execute(STAGE_MADE)
        # Django turns the driver's errors into its own in `execute` alone.
        with connection.wrap_database_errors, database.copy(f"COPY {STAGE} ({COLUMNS}) FROM STDIN") as copy:
            copy.write("".join(_lines(cursor, rows)))
        database.execute(STAGE_STORED)
        database.execute(f"TRUNCATE {STAGE}")


def _lines(cursor: int, rows: Sequence[LogRow]) -> Iterator[str]:
    """PostgreSQL's text format: no value has a tab, a line's end or a backslash."""
    for *values, time in rows:
        yield "\t".join(map(str, [cursor, *values, time.isoformat()])) + "\n"


def _insert(cursor: int, rows: Sequence[LogRow]) -> None:
    with connection.cursor() as database:
        database.executemany(INSERTED, list(_values(cursor, rows)))


def _values(cursor: int, rows: Sequence[LogRow]) -> Iterator[tuple[Any, ...]]:
    for *values, time in rows:
        yield cursor, *values, connection.ops.adapt_datetimefield_value(time)
