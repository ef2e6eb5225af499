"""Measure one file in a process of its own: `python -m benchmarks.mesh.one ours|trimesh FILE`.

Prints one JSON object: seconds by the clock and busy, without imports, and the most memory in bytes.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def ours() -> Callable[[Path], object]:
    from marketplace.designs.mesh.load import Limits, load  # noqa: PLC0415
    from marketplace.designs.mesh.measure import measure  # noqa: PLC0415

    return lambda path: measure(load(path, Limits())).volume_mm3


def plain() -> Callable[[Path], object]:
    """Loading, volume and whether it is closed: what one line of trimesh gives."""
    import trimesh  # noqa: PLC0415

    def measured(path: Path) -> object:
        mesh = trimesh.load_mesh(path)
        return float(mesh.volume), bool(mesh.is_watertight)

    return measured


def main() -> None:
    which, path = sys.argv[1], Path(sys.argv[2])
    measured = {"ours": ours, "trimesh": plain}[which]()
    clock, busy = time.perf_counter(), time.process_time()
    measured(path)
    clock, busy = time.perf_counter() - clock, time.process_time() - busy
    # In kilobytes, but on macOS in bytes.
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    json.dump({"clock": clock, "busy": busy, "memory": memory}, sys.stdout)


if __name__ == "__main__":
    main()
