"""Empty databases to measure in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import environ
import psycopg

KEYS = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """The URL of an empty database on the server of that URL; gone afterwards."""
    name = f"infill_{secrets.token_hex(6)}"
    with connected(server, "postgres") as control:
        control.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{server.rsplit('/', 1)[0]}/{name}"
        finally:
            control.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def connected(url: str, name: str = "") -> psycopg.Connection:
    """A connection, each statement for itself, to the database of a URL as Django reads it, or to the one of
    that name beside it."""
    given = environ.Env.db_url_config(url)
    place = {ours: given[theirs] for ours, theirs in KEYS.items() if given.get(theirs)}
    return psycopg.connect(dbname=name or given["NAME"], autocommit=True, **place)
