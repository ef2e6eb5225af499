"""What is to be reached. Seconds and bytes are this machine's and are only told; ratios decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.mesh.running import Row

MOST_SECONDS: Final = {100_000: 1.5, 1_000_000: 12.0}
"""Of the processor, by facets, for all that is done with an upload."""
MOST_ESTIMATE: Final = 1.0
MOST_MEMORY: Final = 1.5 * 1024**3
JUDGED: Final = 100_000
"""Below so many facets what does not grow with them, the pictures, is most of it."""
MOST_RATIOS: Final = {"trimesh": 15.0, "--info": 15.0, "slice": 0.6}
"""Everything of ours over what each other program takes: half as much again as the worst measured."""
MOST_GROWTH: Final = 1.5
"""Seconds a facet of reading and measuring at a million facets over those at 100,000: 1 if cost is linear,
10 if it is quadratic; sorting alone makes 1.2 of it, the processor's cache some."""


def told(rows: Sequence[Row]) -> Iterator[str]:
    """A sentence for each goal of this machine's seconds and bytes."""
    for size, most in MOST_SECONDS.items():
        some = [row for row in rows if row.size == size]
        if some:
            yield _told(f"{size:,} facets, everything, worst", max(row.ours.busy for row in some), most, "s")
            slowest = max(row.ours.stages["estimate"] for row in some)
            yield _told(f"{size:,} facets, estimate once measured", slowest, MOST_ESTIMATE, "s")
    if made := [row for row in rows if row.size]:
        memory = max(row.ours.memory for row in made) / 1024**3
        yield _told("memory, worst", memory, MOST_MEMORY / 1024**3, "GiB")


def missed(rows: Sequence[Row]) -> list[str]:
    """A sentence for each ratio that is too large."""
    return [*_peers_missed(rows), *_growth_missed(rows)]


def growths(rows: Sequence[Row]) -> dict[str, float]:
    """By model, how much more a facet takes to read and measure at the largest size than at 100,000."""
    each = {(row.name, row.size): _by_facet(row) for row in rows if row.size}
    largest = max((row.size for row in rows if row.size), default=0)
    return {
        name: seconds / each[name, JUDGED]
        for (name, size), seconds in each.items()
        if size == largest > JUDGED
    }


def _peers_missed(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        for peer, taken in row.peers.items():
            if row.size and row.size >= JUDGED and taken:
                ratio = row.ours.busy / taken.busy
                if ratio > MOST_RATIOS[peer]:
                    yield (
                        f"{row.name} of {row.facets:,} facets: {ratio:.1f} times what {peer} takes, "
                        f"the most is {MOST_RATIOS[peer]:g}"
                    )


def _growth_missed(rows: Sequence[Row]) -> Iterator[str]:
    for name, growth in growths(rows).items():
        if growth > MOST_GROWTH:
            yield f"{name}: a facet takes {growth:.2f} times as long, the most is {MOST_GROWTH:g}"


def _by_facet(row: Row) -> float:
    return (row.ours.stages["read"] + row.ours.stages["measure"]) / row.facets


def _told(what: str, reached: float, most: float, unit: str) -> str:
    word = "met" if reached <= most else "missed"
    return f"{what}: {reached:.3g} {unit}, the goal is {most:g} {unit}: {word}"
