"""Measure how fast the chain is followed, beside bare reading, web3.py without storing, and Ponder.

All in one run on one chain. PostgreSQL is that of DATABASE_URL, as `python tools/postgres.py python -m
benchmarks.follow` gives it; without one SQLite alone is measured, and said so. Ponder is fetched by npm where
that is there. Exits 1 where PostgreSQL misses a ratio, or either needs too much memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.follow.chain import Filled, filled
from benchmarks.follow.databases import postgres_database
from benchmarks.follow.indexer import ponder_speeds
from benchmarks.follow.peers import raw, web3_events
from contracts.artifacts import Deployment, deployment_write
from contracts.compiler import ROOT

LEAST_OF_RAW = 0.45
LEAST_TIMES_WEB3 = 20.0
LEAST_TIMES_PONDER = {"warm": 1.5, "cold": 10.0}
MOST_COST_OF_SIZE = 1.25
SIZES = (10_000, 100_000, 1_000_000)
MOST_MEMORY = 300 * 1024**2
LOGS_ONLY = "logs alone"
WITH_ROWS = "logs and agreements"


@dataclass(frozen=True)
class Row:
    """What was measured: logs a second, and the most memory in bytes."""

    name: str
    speed: float
    memory: int = 0


@click.command()
@click.option("--logs", default=200_000, show_default=True, help="How many logs the chain has.")
@click.option("--sizes", is_flag=True, help="Instead, the cost of a log on chains of three sizes.")
def main(logs: int, sizes: bool) -> None:
    """Print logs a second of each, and the ratios that are to hold."""
    missed = _flat() if sizes else _compared(logs)
    if missed:
        sys.exit("\n".join(missed))


def _compared(logs: int) -> list[str]:
    with filled(logs) as chain:
        before, peer = raw(chain), web3_events(chain)
        rows = list(_measured(chain))
        others = _ponder(chain)
        limit = (before + raw(chain)) / 2
    click.echo(f"{chain.logs:,} logs in {chain.last - chain.first} blocks, 100 a transaction\n")
    click.echo(f"{'':48} {'logs/s':>8} {'of raw':>7} {'x web3':>7} {'MB':>5}")
    peers = [
        Row("raw eth_getLogs, httpx and orjson, no decoding", limit),
        Row("web3.py contract events, nothing stored", peer),
        *(Row(f"Ponder into PostgreSQL, {cache}", speed) for cache, speed in others.items()),
    ]
    for row in [*peers, *rows]:
        memory = f"{row.memory / 1024**2:>5.0f}" if row.memory else ""
        click.echo(
            f"{row.name:48} {row.speed:>8,.0f} {row.speed / limit:>7.0%} {row.speed / peer:>7.1f} {memory}"
        )
    return list(_missed(rows, limit, peer, others))


def _flat() -> list[str]:
    """What a log costs must not grow with how many there are."""
    costs = {}
    for logs in SIZES:
        with filled(logs) as chain, _place(chain) as place, _database(place) as url:
            row = _ours(chain, f"{logs:,} logs, {LOGS_ONLY}", url, place)
        costs[logs] = 1e6 / row.speed
        click.echo(f"{row.name:48} {costs[logs]:.1f} us a log, {row.memory / 1024**2:.0f} MB")
    growth = costs[SIZES[-1]] / costs[SIZES[0]]
    return [f"a log costs {growth:.2f} times as much"] if growth > MOST_COST_OF_SIZE else []


def _ponder(chain: Filled) -> dict[str, float]:
    if "DATABASE_URL" not in os.environ:
        return {}
    with postgres_database(os.environ["DATABASE_URL"]) as url:
        found = ponder_speeds(chain, url)
    if not found:
        click.echo("Ponder is not measured: there is no npm")
    return found


@contextmanager
def _place(chain: Filled) -> Iterator[Path]:
    """A folder that names the chain's contract."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        deployment_write(Deployment(31337, chain.emitter, chain.emitter, chain.first), place)
        yield place


@contextmanager
def _database(place: Path) -> Iterator[str]:
    if "DATABASE_URL" in os.environ:
        with postgres_database(os.environ["DATABASE_URL"]) as url:
            yield url
    else:
        yield f"sqlite:///{place / 'logs.sqlite3'}"


def _measured(chain: Filled) -> Iterator[Row]:
    with _place(chain) as place:
        if "DATABASE_URL" in os.environ:
            for what in (LOGS_ONLY, WITH_ROWS):
                with postgres_database(os.environ["DATABASE_URL"]) as url:
                    yield _ours(chain, f"ours into PostgreSQL, {what}", url, place)
        else:
            click.echo("PostgreSQL is not measured: no DATABASE_URL")
        for what in (LOGS_ONLY, WITH_ROWS):
            yield _ours(
                chain, f"ours into SQLite, {what}", f"sqlite:///{place / what.split()[-1]}.sqlite3", place
            )


def _ours(chain: Filled, name: str, database: str, place: Path) -> Row:
    variables = {
        "DATABASE_URL": database,
        "RPC_URL": chain.url,
        "DEPLOYMENTS_DIR": str(place),
        "DATA_DIR": str(place),
        "LOG_LEVEL": "WARNING",
    }
    command = [
        sys.executable,
        "-m",
        "benchmarks.follow.ours",
        *(["--logs-only"] if LOGS_ONLY in name else []),
    ]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr[-3000:]}")
    found = json.loads(done.stdout)
    assert found["logs"] == chain.logs, f"{found['logs']} of {chain.logs} logs"
    return Row(name, found["logs"] / found["seconds"], found["memory"])


def _missed(rows: list[Row], limit: float, peer: float, others: dict[str, float]) -> Iterator[str]:
    for row in rows:
        if row.memory > MOST_MEMORY:
            yield f"{row.name}: {row.memory / 1024**2:.0f} MB, more than {MOST_MEMORY // 1024**2}"
    for row in rows:
        if row.name == f"ours into PostgreSQL, {LOGS_ONLY}":
            yield from _slower(row, "raw reading", limit, LEAST_OF_RAW)
            yield from _slower(row, "web3.py", peer, LEAST_TIMES_WEB3)
            for cache, speed in others.items():
                yield from _slower(row, f"Ponder {cache}", speed, LEAST_TIMES_PONDER[cache])


def _slower(row: Row, than: str, speed: float, least: float) -> Iterator[str]:
    if row.speed < least * speed:
        yield f"{row.name}: {row.speed / speed:.2f} times {than}, less than {least}"


if __name__ == "__main__":
    main()
