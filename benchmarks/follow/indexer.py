"""Ponder following the same chain into PostgreSQL: an indexer that others use, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import environ
import httpx
import psycopg

from benchmarks.follow.chain import Filled
from contracts.artifacts import BUILD
from demo.place import free_port

PROJECT = Path(__file__).parent / "ponder"
LONGEST_SECONDS = 1_800


def ponder_speeds(chain: Filled, database: str) -> dict[str, float]:
    """Logs a second with nothing fetched before, and with all of it in its cache; {} without npm.

    From when it answers to when it has indexed everything: its own start, some 3 seconds, is not counted.
    """
    npm = shutil.which("npm")
    if npm is None:
        return {}
    subprocess.run([npm, "ci", "--silent"], cwd=PROJECT, check=True, stdout=sys.stderr)
    url = _for_node(database)
    return {schema: _speed(chain, url, schema) for schema in ("cold", "warm")}


def _for_node(database: str) -> str:
    """The URL of a database as node's driver reads it: with a socket's folder in the host's place."""
    given = environ.Env.db_url_config(database)
    secret = f":{quote(given['PASSWORD'], safe='')}" if given.get("PASSWORD") else ""
    port = f":{given['PORT']}" if given.get("PORT") else ""
    host = quote(given["HOST"] or "localhost", safe="")
    return f"postgresql://{given['USER']}{secret}@{host}{port}/{given['NAME']}"


def _speed(chain: Filled, url: str, schema: str) -> float:
    with _running(chain, url, schema) as site:
        _wait(f"{site}/health")
        start = time.perf_counter()
        _wait(f"{site}/ready")
        seconds = time.perf_counter() - start
    with psycopg.connect(url) as control:
        [[stored]] = control.execute(f'SELECT count(*) FROM "{schema}"."log"').fetchall()
    assert stored == chain.logs, f"{stored} of {chain.logs} logs"
    return chain.logs / seconds


@contextmanager
def _running(chain: Filled, url: str, schema: str) -> Iterator[str]:
    port = free_port()
    variables = {
        "DATABASE_URL": url,
        "FILLED_ABI": str(BUILD / "PrintEscrow.json"),
        "FILLED_RPC": chain.url,
        "FILLED_ADDRESS": chain.emitter,
        "FILLED_FIRST": str(chain.first),
        "PONDER_TELEMETRY_DISABLED": "1",
    }
    options = ["--port", str(port), "--schema", schema, "--log-level", "error"]
    program = PROJECT / "node_modules" / "ponder" / "dist" / "esm" / "bin" / "ponder.js"
    command = ["node", str(program), "start", *options]
    child = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **variables}, stdout=sys.stderr)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait()


def _wait(url: str) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"Ponder does not answer at {url}")
