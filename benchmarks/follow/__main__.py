"""Measure how fast the chain is followed, beside reading without decoding and decoding without storing.

All in one run on one chain. PostgreSQL is that of DATABASE_URL, as `python tools/postgres.py python -m
benchmarks.follow` gives it; without one SQLite alone is measured, and said so. Exits 1 where a ratio is
missed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.follow.chain import Filled, filled
from benchmarks.follow.databases import postgres_database
from benchmarks.follow.peers import raw, web3_events
from contracts.artifacts import Deployment, deployment_write
from contracts.compiler import ROOT

LEAST_OF_RAW = 0.45
LEAST_TIMES_WEB3 = 20.0
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
def main(logs: int) -> None:
    """Print logs a second of each, and the ratios that are to hold."""
    with filled(logs) as chain:
        before, peer = raw(chain), web3_events(chain)
        rows = list(_measured(chain))
        limit = (before + raw(chain)) / 2
    click.echo(f"{chain.logs:,} logs in {chain.last - chain.first} blocks, 100 a transaction\n")
    click.echo(f"{'':48} {'logs/s':>8} {'of raw':>7} {'x web3':>7} {'MB':>5}")
    peers = [
        Row("raw eth_getLogs, httpx and orjson, no decoding", limit),
        Row("web3.py contract events", peer),
    ]
    for row in [*peers, *rows]:
        memory = f"{row.memory / 1024**2:>5.0f}" if row.memory else ""
        click.echo(
            f"{row.name:48} {row.speed:>8,.0f} {row.speed / limit:>7.0%} {row.speed / peer:>7.1f} {memory}"
        )
    if missed := list(_missed(rows, limit, peer)):
        sys.exit("\n".join(missed))


def _measured(chain: Filled) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        deployment_write(Deployment(31337, chain.emitter, chain.emitter, chain.first), place)
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


def _missed(rows: list[Row], limit: float, peer: float) -> Iterator[str]:
    for row in rows:
        if row.memory > MOST_MEMORY:
            yield f"{row.name}: {row.memory / 1024**2:.0f} MB, more than {MOST_MEMORY // 1024**2}"
        if LOGS_ONLY in row.name and row.speed < LEAST_TIMES_WEB3 * peer:
            yield f"{row.name}: {row.speed / peer:.1f} times web3.py, less than {LEAST_TIMES_WEB3:.0f}"
        if row.name == f"ours into PostgreSQL, {LOGS_ONLY}" and row.speed < LEAST_OF_RAW * limit:
            yield f"{row.name}: {row.speed / limit:.0%} of raw reading, less than {LEAST_OF_RAW:.0%}"


if __name__ == "__main__":
    main()
