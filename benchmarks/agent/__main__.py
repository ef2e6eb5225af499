"""Measure how many agents one marketplace hears with every sample stored, beside bare inserts of such rows.

PostgreSQL is that of DATABASE_URL, as `python tools/postgres.py python -m benchmarks.agent` gives it. The
agents run on the same machine and take their share of it. Exits 1 where a sample that was sent is not
stored, or where hearing and storing one costs more than so many bare inserts.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks.agent.crowd import Heard, crowd
from benchmarks.agent.site import Site, site
from benchmarks.follow.databases import connected, postgres_database

MOST_INSERTS = 30.0
"""Bare inserts that one sample may cost: reading, checking and storing it."""
GOAL_MS = 50.0
BARE_ROWS = 20_000
COLUMNS = (
    "printer, agreement, status, progress, layer, nozzle_c, bed_c, position_um, observed_at, received_at"
)
ROWS_AT_ONCE = 100


@click.command()
@click.option("--agents", default=200, show_default=True)
@click.option("--printers", default=10, show_default=True, help="of each agent, each sampled once a second")
@click.option("--seconds", default=60.0, show_default=True)
@click.option("--processes", default=2, show_default=True, help="web processes of the marketplace")
def main(agents: int, printers: int, seconds: float, processes: int) -> None:
    """Print what was sent and stored, how long it took, and what it cost."""
    if "DATABASE_URL" not in os.environ:
        raise click.ClickException(
            "there is no DATABASE_URL: run python tools/postgres.py python -m benchmarks.agent"
        )
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_database(os.environ["DATABASE_URL"]) as database,
        site(Path(folder), database, agents=agents, printers=printers, processes=processes) as place,
    ):
        heard, cost = _reported(place, seconds)
        missed = _told(heard, cost, _stored(database), _bare_insert_s(database), agents * printers)
    if missed:
        sys.exit("\n".join(missed))


def _reported(place: Site, seconds: float) -> tuple[Heard, float]:
    """What was sent, and the processor seconds of the web processes for each sample."""
    before = place.processor_seconds()
    heard = asyncio.run(crowd(place.url, place.members, seconds))
    return heard, (place.processor_seconds() - before) / heard.samples


def _stored(database: str) -> int:
    with connected(database) as connection:
        return int(connection.execute("SELECT count(*) FROM monitoring_pastsample").fetchall()[0][0])


def _bare_insert_s(database: str) -> float:
    """Seconds that a row takes which one connection inserts with a hundred others."""
    with connected(database) as connection:
        connection.execute("CREATE TABLE bare (LIKE monitoring_pastsample INCLUDING ALL)")
        row = ("0x" + "ab" * 32, "", "PRINTING", 0.5, 7, 215.3, 60.1, "[1, 2, 3]", "2026-01-01", "2026-01-01")
        values = ", ".join(["%s"] * len(row))
        start = time.perf_counter()
        for _ in range(BARE_ROWS // ROWS_AT_ONCE):
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(f"INSERT INTO bare ({COLUMNS}) VALUES ({values})", [row] * ROWS_AT_ONCE)
        return (time.perf_counter() - start) / BARE_ROWS


def _told(heard: Heard, cost_s: float, stored: int, bare_s: float, printers: int) -> list[str]:
    times = cost_s / bare_s
    click.echo(f"{printers:,} printers, a sample a second each: {heard.samples:,} sent, {stored:,} stored")
    shares = ", ".join(f"{share:.0%} {heard.wait_at(share) * 1000:.0f} ms" for share in (0.5, 0.95, 0.99))
    goal = "met" if heard.wait_at(0.99) * 1000 <= GOAL_MS else "missed"
    click.echo(f"from sending to stored: {shares}; the goal of {GOAL_MS:g} ms at 99% is {goal} here")
    click.echo(
        f"processor time a sample: {cost_s * 1e6:.0f} us, {times:.1f} bare inserts of {bare_s * 1e6:.0f} us"
    )
    missed = []
    if stored != heard.samples:
        missed.append(f"{heard.samples - stored:,} samples were sent and not stored")
    if times > MOST_INSERTS:
        missed.append(f"a sample costs {times:.1f} bare inserts, more than {MOST_INSERTS:g}")
    return missed


if __name__ == "__main__":
    main()
