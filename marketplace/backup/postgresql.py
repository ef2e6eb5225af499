"""PostgreSQL's rows: the SQL of pg_dump, run by psql in one transaction of the database."""

import os
import shutil
import subprocess
from pathlib import Path

from django.db import connection

from marketplace.backup.errors import DatabaseFailed, ProgramMissing

# What a newer schema left, functions included, would be in the way of an older one. Waits no longer than
# this for those who still use a table.
EMPTY = "SET lock_timeout = '20s'; DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public"


def rows_dump(target: Path) -> None:
    """Write the rows as they are at one moment to a new file. Raises ProgramMissing, DatabaseFailed."""
    _run("pg_dump", "--no-owner", "--no-privileges", f"--file={target}")


def rows_load(source: Path) -> None:
    """Replace every row, all or none, whoever is killed meanwhile. Raises ProgramMissing, DatabaseFailed.

    psql reads the file by itself: it would take a broken pipe for the end, and commit half.
    """
    connection.close()
    stop = ("--set=ON_ERROR_STOP=1", "--single-transaction")
    _run("psql", "--no-psqlrc", "--quiet", *stop, f"--command={EMPTY}", f"--file={source}")


def _run(program: str, *options: str) -> None:
    if not shutil.which(program):
        raise ProgramMissing(program)
    words, secrets = connection.client.settings_to_cmd_args_env(connection.settings_dict, options)
    command = [program, "--no-password", *words[1:]]
    done = subprocess.run(
        command,
        env={**os.environ, **(secrets or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DatabaseFailed(program, done.stderr)
