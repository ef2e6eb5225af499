"""The child process that reads one uploaded model: `python -m marketplace.designs.mesh.measure_file`.

Only this process parses models. It limits itself before it imports anything large, writes a picture, prints
one JSON object and ends: {"measurement": {...}} or {"refused": {"code", "message"}}, both with exit status 0.
"""

import argparse
import contextlib
import json
import resource
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from marketplace.designs.mesh.findings import Finding, Severity
from marketplace.designs.mesh.measurement import ModelRefused

OUT_OF_MEMORY: Final = 70
# The largest file written is an STL of as many facets as are allowed.
OUTPUT_BYTES: Final = 96 * 1024 * 1024


def limit(memory_bytes: int, cpu_seconds: int, wall_seconds: int) -> None:
    """Bound this process. macOS refuses some limits; there the wall clock alone bounds it."""
    bounds = (
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        # The soft limit ends the process with a signal that says why; the hard one says nothing.
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 5),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0, 0),
    )
    for what, soft, hard in bounds:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (soft, hard))
    # An orphan ends by itself: nobody may be left to stop it.
    signal.alarm(wall_seconds)


def measured(model: Path, picture: Path, unit: str = "") -> dict[str, object]:
    """The answer for one file, as JSON-ready members; `unit` is the designer's word, or empty.

    Beside the picture, under the same name: what the source is (.json), and where that is not what slicers
    read, the same geometry as an STL in millimetres (.stl). So too each model of an archive of several:
    part-0.stl, part-1.stl, in the order of the source's parts.
    """
    # The libraries take a second and 140 MB: within the limits, and only for a file that is a model.
    from marketplace.designs.mesh.formats.units import Unit  # noqa: PLC0415
    from marketplace.designs.mesh.load import Limits, check, opened  # noqa: PLC0415

    try:
        loaded = opened(model, Limits(), Unit(unit) if unit else None)
        picture.with_suffix(".json").write_text(json.dumps(loaded.to_json()))
        check(loaded, Limits())
        triangles = loaded.triangles
        from marketplace.designs.mesh.measure import measure  # noqa: PLC0415
        from marketplace.designs.mesh.picture import render  # noqa: PLC0415

        measurement = measure(triangles)
        if loaded.guess:
            doubt = Finding("unit-guess", Severity.WARNING, loaded.guess.reason, loaded.guess.advice)
            measurement = replace(measurement, findings=(*measurement.findings, doubt))
    except ModelRefused as refusal:
        return {"refused": {"code": refusal.reason.code, "message": refusal.reason.message}}
    render(triangles).save(picture, "PNG", optimize=True)
    if not loaded.is_plain:
        from marketplace.designs.mesh.stl import write_binary  # noqa: PLC0415

        picture.with_suffix(".stl").write_bytes(write_binary(triangles))
        for number, part in enumerate(loaded.separate):
            picture.with_name(f"part-{number}.stl").write_bytes(write_binary(part))
    return {"measurement": measurement.to_json()}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("model", type=Path)
    arguments.add_argument("picture", type=Path)
    arguments.add_argument("--memory-bytes", type=int, required=True)
    arguments.add_argument("--cpu-seconds", type=int, required=True)
    arguments.add_argument("--wall-seconds", type=int, required=True)
    arguments.add_argument("--unit", default="")
    given = arguments.parse_args()
    limit(given.memory_bytes, given.cpu_seconds, given.wall_seconds)
    try:
        answer = measured(given.model, given.picture, given.unit)
    except MemoryError:
        return OUT_OF_MEMORY
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
