"""The child process that repairs one model: `python -m marketplace.designs.mesh.repair_file`.

Limited as the one that measures (measure_file). It reads the model, writes the repaired one as an STL in
millimetres, prints one JSON object and ends: {"repaired": [what was done]} or {"refused": {"code",
"message"}}.
"""

import sys
from pathlib import Path

from marketplace.designs.mesh.measure_file import run
from marketplace.designs.mesh.measurement import ModelRefused


def repaired(model: Path, made: Path, unit: str = "") -> dict[str, object]:
    """The answer for one file, as JSON-ready members; `unit` is the designer's word, or empty."""
    # Within the limits, as for measuring.
    from marketplace.designs.mesh.formats.units import Unit  # noqa: PLC0415
    from marketplace.designs.mesh.load import Limits, check, opened  # noqa: PLC0415

    try:
        loaded = opened(model, Limits(), Unit(unit) if unit else None)
        check(loaded, Limits())
        from marketplace.designs.mesh.repair import repair  # noqa: PLC0415
        from marketplace.designs.mesh.stl import write_binary  # noqa: PLC0415

        found = repair(loaded.triangles)
    except ModelRefused as refusal:
        return {"refused": {"code": refusal.reason.code, "message": refusal.reason.message}}
    made.write_bytes(write_binary(found.triangles))
    return {"repaired": list(found.done)}


if __name__ == "__main__":
    sys.exit(run(repaired, __doc__))
