"""How many agents one marketplace hears with every sample stored, beside bare inserts of such rows.

The agents run on the same machine and take their share of it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.agent.crowd import Heard, crowd
from benchmarks.agent.site import Site, site
from benchmarks.follow.databases import connected

MOST_INSERTS = 30.0
"""Bare inserts that one sample may cost: reading, checking and storing it."""
GOAL_MS = 50.0
BARE_ROWS = 20_000
COLUMNS = (
    "printer, agreement, status, progress, layer, nozzle_c, bed_c, position_um, observed_at, received_at"
)
ROWS_AT_ONCE = 100
SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Hearing:
    """What was sent and stored; processor seconds of the web processes for a sample, and of a bare insert."""

    agents: int
    printers: int
    seconds: float
    heard: Heard
    stored: int
    sample_s: float
    bare_s: float

    @property
    def inserts(self) -> float:
        """Bare inserts that one sample costs."""
        return self.sample_s / self.bare_s


def hearing(
    folder: Path, database: str, *, agents: int, printers: int, seconds: float, processes: int
) -> Hearing:
    """Let so many agents, each with so many printers, report. Raises ChildFailed."""
    with site(folder, database, agents=agents, printers=printers, processes=processes) as place:
        heard, cost = _reported(place, seconds)
        return Hearing(
            agents, agents * printers, seconds, heard, _stored(database), cost, _bare_insert_s(database)
        )


def told(found: Hearing) -> list[str]:
    """Lines for people."""
    heard = found.heard
    waits = ", ".join(f"{share:.0%} {heard.wait_at(share) * 1000:.0f} ms" for share in SHARES)
    lags = ", ".join(f"{share:.0%} {heard.lag_at(share) * 1000:.1f} ms" for share in SHARES)
    goal = "met" if heard.wait_at(0.99) * 1000 <= GOAL_MS else "missed"
    return [
        f"{found.printers:,} printers of {found.agents} agents, a sample a second each:"
        f" {heard.samples:,} sent, {found.stored:,} stored",
        f"from sending to stored: {waits}; the goal of {GOAL_MS:g} ms at 99% is {goal} here",
        f"processor time a sample: {found.sample_s * 1e6:.0f} us, {found.inserts:.1f} bare inserts of"
        f" {found.bare_s * 1e6:.0f} us",
        f"the agents, on the same machine: {heard.processor_s / found.seconds:.0%} of a core;"
        f" that they are late themselves is in each wait: {lags}",
    ]


def missed(found: Hearing) -> list[str]:
    """What does not hold."""
    faults = []
    if found.stored != found.heard.samples:
        faults.append(f"{found.heard.samples - found.stored:,} samples were sent and not stored")
    if found.inserts > MOST_INSERTS:
        faults.append(f"a sample costs {found.inserts:.1f} bare inserts, more than {MOST_INSERTS:g}")
    return faults


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
