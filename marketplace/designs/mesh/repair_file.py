"""What a repairing child does with one model (see warm.py).

It writes the repaired model as an STL in millimetres and answers with one JSON object: {"repaired": [what was
done]} or {"refused": {"code", "message"}}.
"""

from pathlib import Path

from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.load import Limits, check, opened
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.repair import repair
from marketplace.designs.mesh.stl import write_binary


def repaired(model: Path, made: Path, unit: str = "") -> dict[str, object]:
    """The answer for one file, as JSON-ready members; `unit` is the designer's word, or empty."""
    try:
        loaded = opened(model, Limits(), Unit(unit) if unit else None)
        check(loaded, Limits())
        found = repair(loaded.triangles)
    except ModelRefused as refusal:
        return {"refused": {"code": refusal.reason.code, "message": refusal.reason.message}}
    made.write_bytes(write_binary(found.triangles))
    return {"repaired": list(found.done)}
