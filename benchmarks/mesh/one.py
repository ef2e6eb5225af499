"""One program with one file, in a process of its own: `python -m benchmarks.mesh.one WORK FILE`.

Prints a JSON object: seconds of the processor by stage, seconds by the clock, and the most memory in bytes.
Python's imports are not counted, as the product does them once (see designs/mesh/warm.py); PrusaSlicer is
started for each file, as a program that uses it has to. It is measured from here, from a small process, since
a child's memory counts from what its parent has.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

Work = Callable[[Path, Path], dict[str, float]]


def ours() -> Work:
    """All that the product's child does with an upload, and the estimate that its web process makes."""
    from marketplace.designs.mesh import measure_file  # noqa: PLC0415
    from marketplace.designs.mesh.estimate import Settings, Wanted, estimate  # noqa: PLC0415
    from marketplace.designs.mesh.measurement import Measurement  # noqa: PLC0415

    spent: dict[str, float] = defaultdict(float)
    stages = {"opened": "read", "check": "read", "welded": "measure", "measure_welded": "measure"}
    for name, stage in {**stages, "look_write": "draw"}.items():
        setattr(measure_file, name, _timed(getattr(measure_file, name), stage, spent))

    def done(path: Path, folder: Path) -> dict[str, float]:
        answer: dict[str, Any] = measure_file.measured(path, folder / "picture.png")
        if "refused" in answer:
            sys.exit(answer["refused"]["message"])
        began = time.process_time()
        model = Measurement.from_json(answer["measurement"])
        estimate([Wanted(model, 1, Settings("PLA", 200, 20))], 1)
        return {**spent, "estimate": time.process_time() - began}

    return done


def plain() -> Work:
    """Loading, volume and whether it is closed: what one line of trimesh gives."""
    import trimesh  # noqa: PLC0415

    def done(path: Path, _: Path) -> dict[str, float]:
        mesh = trimesh.load_mesh(path)
        float(mesh.volume), bool(mesh.is_watertight)
        return {}

    return done


def info() -> Work:
    """What PrusaSlicer says of a file without slicing it: size, volume, facets, open edges, parts."""
    from slicers import prusa  # noqa: PLC0415

    def done(path: Path, _: Path) -> dict[str, float]:
        subprocess.run([prusa.NAME, "--info", path], check=True, capture_output=True)
        return {}

    return done


def sliced() -> Work:
    """A slice with the profile that estimates are compared with."""
    from marketplace.designs.slicing import slicer  # noqa: PLC0415
    from marketplace.designs.slicing.outcome import SliceSettings  # noqa: PLC0415
    from slicers import prusa  # noqa: PLC0415

    limits = slicer.SliceLimits(cpu_seconds=1800, memory_bytes=16 * 1024**3, wall_seconds=3600)

    def done(path: Path, folder: Path) -> dict[str, float]:
        copy = shutil.copy(path, folder / "model.stl")
        slicer.slice_with_prusa(prusa.NAME, Path(copy), SliceSettings(200, 20), limits, lambda: None)
        return {}

    return done


def _timed(called: Callable[..., Any], stage: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        began = time.process_time()
        try:
            return called(*arguments)
        finally:
            spent[stage] += time.process_time() - began

    return timed


def _used(who: int) -> tuple[float, int]:
    """Seconds of the processor and the most memory in bytes."""
    usage = resource.getrusage(who)
    # In kilobytes, but on macOS in bytes.
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


WORKS: dict[str, tuple[Callable[[], Work], int]] = {
    "ours": (ours, resource.RUSAGE_SELF),
    "trimesh": (plain, resource.RUSAGE_SELF),
    "info": (info, resource.RUSAGE_CHILDREN),
    "slice": (sliced, resource.RUSAGE_CHILDREN),
}


def main() -> None:
    make, who = WORKS[sys.argv[1]]
    done = make()
    with tempfile.TemporaryDirectory() as folder:
        clock, (busy, _) = time.perf_counter(), _used(who)
        stages = done(Path(sys.argv[2]), Path(folder))
        clock, (after, memory) = time.perf_counter() - clock, _used(who)
    json.dump({"clock": clock, "busy": after - busy, "memory": memory, "stages": stages}, sys.stdout)


if __name__ == "__main__":
    main()
