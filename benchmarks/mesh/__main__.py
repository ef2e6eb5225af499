"""Measure models of 1,000, 100,000 and a million facets, beside plain trimesh, in one run.

Ours is everything: crossings, walls, gaps, bodies, support, balance, 64 ways up. The peer is trimesh's
loading, volume and watertightness. Both run alone in processes of one thread. Processor seconds are compared
with the goals, as the clock counts what else the machine does. Exits 1 where a goal is missed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.mesh.models import Floats, ball, shuffled, terrain, write

SIZES = (1_000, 100_000, 1_000_000)
MOST_SECONDS = {100_000: 1.5, 1_000_000: 12.0}
MOST_MEMORY = 1.5 * 1024**3
MODELS: dict[str, Callable[[int], Floats]] = {
    "ball": ball,
    "terrain": terrain,
    "terrain, shuffled": lambda facets: shuffled(terrain(facets)),
}
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Taken:
    """Seconds by the clock and of the processor, and the most memory in bytes."""

    clock: float
    busy: float
    memory: int


@click.command()
@click.option("--largest", default=SIZES[-1], show_default=True, help="Leave out models of more facets.")
def main(largest: int) -> None:
    """Print what each model takes, and what of the goals was missed."""
    click.echo(
        f"{'':20} {'facets':>9} {'ours s':>7} {'clock':>7} {'MB':>6} {'trimesh s':>10} {'MB':>6} {'ratio':>6}"
    )
    missed = []
    for size in SIZES:
        for name, made in MODELS.items():
            if size <= largest:
                missed += _compared(name, size, made(size))
    if missed:
        sys.exit("\n".join(missed))


def _compared(name: str, size: int, triangles: Floats) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.stl"
        write(triangles, path)
        mine, peer = _taken("ours", path), _taken("trimesh", path)
    click.echo(
        f"{name:20} {len(triangles):>9,} {mine.busy:>7.2f} {mine.clock:>7.2f} {mine.memory / 1024**2:>6.0f} "
        f"{peer.busy:>10.2f} {peer.memory / 1024**2:>6.0f} {mine.busy / peer.busy:>6.1f}"
    )
    return list(_missed(f"{name} of {len(triangles):,} facets", size, mine))


def _taken(which: str, path: Path) -> Taken:
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.mesh.one", which, str(path)],
        cwd=ROOT,
        env=os.environ | one_thread,
        check=True,
        capture_output=True,
    )
    return Taken(**json.loads(done.stdout))


def _missed(name: str, size: int, mine: Taken) -> list[str]:
    limit = MOST_SECONDS.get(size)
    missed = []
    if limit and mine.busy > limit:
        missed.append(f"{name}: {mine.busy:.2f} s, the goal is {limit:g} s")
    if mine.memory > MOST_MEMORY:
        missed.append(f"{name}: {mine.memory / 1024**3:.2f} GiB, the goal is {MOST_MEMORY / 1024**3:g} GiB")
    return missed


if __name__ == "__main__":
    main()
