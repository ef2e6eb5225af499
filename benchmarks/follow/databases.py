"""Empty databases to follow into."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import environ
import psycopg


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """The URL of an empty database on the server of that URL; gone afterwards."""
    given = environ.Env.db_url_config(server)
    name = f"infill_{secrets.token_hex(6)}"
    keys = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    place = {ours: given[theirs] for ours, theirs in keys.items() if given.get(theirs)}
    with psycopg.connect(dbname="postgres", autocommit=True, **place) as control:
        control.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{server.rsplit('/', 1)[0]}/{name}"
        finally:
            control.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
