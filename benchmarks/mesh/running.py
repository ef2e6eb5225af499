"""Rows of the table: each program with each model, each in a process of its own with one thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.mesh.models import Floats, ball, shuffled, terrain, write
from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.measurement import ModelRefused
from slicers import prusa

SIZES: Final = (1_000, 100_000, 1_000_000)
MODELS: Final[dict[str, Callable[[int], Floats]]] = {
    "ball": ball,
    "terrain": terrain,
    "terrain, shuffled": lambda facets: shuffled(terrain(facets)),
}
ROOT: Final = Path(__file__).resolve().parents[2]
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
SUFFIXES: Final = frozenset({".stl", ".3mf", ".obj", ".ply", ".glb", ".gltf", ".step", ".stp"})


@dataclass(frozen=True)
class Taken:
    """Seconds of the processor, by stage too where there are any, and by the clock; most memory in bytes."""

    clock: float
    busy: float
    memory: int
    stages: dict[str, float]


@dataclass(frozen=True)
class Row:
    """What a model took: one made for a size of SIZES, or somebody's own. None where a program is missing or
    failed."""

    name: str
    size: int | None
    facets: int
    ours: Taken
    trimesh: Taken | None
    info: Taken | None
    slice: Taken | None

    @property
    def peers(self) -> dict[str, Taken | None]:
        return {"trimesh": self.trimesh, "--info": self.info, "slice": self.slice}


def made_rows(largest: int) -> Iterator[Row]:
    """Of the models made by formula, of at most so many facets."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.stl"
        for size in (size for size in SIZES if size <= largest):
            for name, made in MODELS.items():
                triangles = made(size)
                write(triangles, path)
                yield _row(name, size, len(triangles), path, path)


def own_rows(models: Path) -> Iterator[Row]:
    """Of all models below a folder. The others read the same geometry as a binary STL in millimetres."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.stl"
        for own in sorted(each for each in models.rglob("*") if each.suffix.lower() in SUFFIXES):
            try:
                triangles = load(own, Limits())
            except ModelRefused as refusal:
                print(f"{own.name}: {refusal}", file=sys.stderr)
                continue
            write(triangles, path)
            yield _row(own.name, None, len(triangles), own, path)


def _row(name: str, size: int | None, facets: int, own: Path, plain: Path) -> Row:
    ours = taken("ours", own)
    if ours is None:
        raise SystemExit(f"{name}: measuring failed")
    there = prusa.installed() is not None
    return Row(
        name=name,
        size=size,
        facets=facets,
        ours=ours,
        trimesh=taken("trimesh", plain),
        info=taken("info", plain) if there else None,
        slice=taken("slice", plain) if there else None,
    )


def taken(work: str, path: Path) -> Taken | None:
    """None, with its last words on stderr, if it failed."""
    command = [sys.executable, "-m", "benchmarks.mesh.one", work, str(path)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD, check=False, capture_output=True)
    if done.returncode:
        print(f"{work}: {done.stderr.decode(errors='replace').strip()[-300:]}", file=sys.stderr)
        return None
    return Taken(**json.loads(done.stdout))
