"""Several connections to one database at once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event
from typing import TypeVar

import environ
import psycopg
from django.db import connection, connections

T = TypeVar("T")
WAIT = 20


def at_once(*calls: Callable[[], T]) -> list[T]:
    """Each call in a thread with a connection of its own, started together; their answers, or the first error."""
    start = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            start.wait(WAIT)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result() for future in [threads.submit(run, call) for call in calls]]


def meeting_after(function: Callable[..., T], parties: int) -> Callable[..., T]:
    """`function`, but its first `parties` callers all return together: what they saw is the same."""
    barrier, calls = Barrier(parties), []

    def meeting(*args: object, **kwargs: object) -> T:
        answer = function(*args, **kwargs)
        calls.append(1)
        if len(calls) <= parties:
            barrier.wait(WAIT)
        return answer

    return meeting


def waiting_after(function: Callable[..., T], seconds: float = 0.5) -> Callable[..., T]:
    """`function`, but its first caller waits a moment for a second one, which only a missing lock lets in."""
    second, calls = Event(), []

    def waiting(*args: object, **kwargs: object) -> T:
        answer = function(*args, **kwargs)
        calls.append(1)
        if len(calls) == 1:
            second.wait(seconds)
        else:
            second.set()
        return answer

    return waiting


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """The DATABASE_URL of an empty database, of the kind that the tests run on; gone afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'rows.sqlite3'}"
        return
    name = f"infill_{secrets.token_hex(6)}"
    with server_control() as control:
        control.execute(f"CREATE DATABASE {name}")
        try:
            yield _url_of(name)
        finally:
            control.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server_control() -> Iterator[psycopg.Connection]:
    """A session of the database server beside the tests' own, outside atomic blocks."""
    given = connection.settings_dict
    server = {name.lower(): given[name] for name in ("HOST", "PORT", "USER", "PASSWORD") if given[name]}
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as control:
        yield control


def sessions_end(*backends: int) -> None:
    """The server ends these sessions, as by a restart or a line that breaks; when it returns they are gone."""
    with server_control() as control:
        control.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid", [list(backends)]
        )


def sessions_here() -> set[int]:
    """All sessions on the tests' own database."""
    with server_control() as control:
        found = control.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s", [connection.settings_dict["NAME"]]
        )
        return {pid for (pid,) in found}


def url_here() -> str:
    """The DATABASE_URL of this test's own rows, for processes that share them: not inside an atomic block."""
    name = str(connection.settings_dict["NAME"])
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else _url_of(name)


def _url_of(name: str) -> str:
    return f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{name}"


@contextmanager
def second_database(url: str) -> Iterator[str]:
    """A database besides the tests' own, for this process; the name that `using` takes."""
    name, here = "second", connections.databases["default"]
    options = {option: value for option, value in here["OPTIONS"].items() if option != "pool"}
    connections.databases[name] = here | environ.Env.db_url_config(url) | {"OPTIONS": options}
    connections[name].connect()  # pytest-django refuses what is opened later
    try:
        yield name
    finally:
        connections[name].close()
        del connections[name], connections.databases[name]
