"""What PrusaSlicer says of the parts, sliced once and kept in .infill/."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks.estimate.parts import Part
from benchmarks.estimate.shapes import Floats
from marketplace.designs.mesh.stl import write_binary
from marketplace.designs.slicing import prusa
from marketplace.designs.slicing.children import SliceLimits
from marketplace.designs.slicing.outcome import SliceFailed, SliceOutcome, SliceSettings

ROOT: Final = Path(__file__).resolve().parents[2]
KEPT: Final = ROOT / ".infill" / "estimate"
USUAL: Final = SliceSettings(200, 20)
OTHERS: Final = (
    (SliceSettings(100, 15), SliceSettings(150, 10), SliceSettings(150, 30)),
    (SliceSettings(300, 10), SliceSettings(250, 40), SliceSettings(280, 100)),
)


def settings_for(part: Part) -> tuple[SliceSettings, ...]:
    """The usual ones, finer ones and coarser ones; which of them, the name decides."""
    choice = hashlib.sha256(f"settings:{part.name}".encode()).digest()
    return (USUAL, *(each[choice[number] % len(each)] for number, each in enumerate(OTHERS)))


def sliced(triangles: Floats, how: SliceSettings, limits: SliceLimits | None = None) -> SliceOutcome | None:
    """From what is kept, else by slicing now; None where the slicer fails, which is kept too."""
    data = write_binary(triangles)
    key = hashlib.sha256(data + f"{prusa.profile_digest()}:{how}".encode()).hexdigest()[:32]
    kept = KEPT / f"{key}.json"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        made = _slice(data, how, limits or SliceLimits())
        # Whole or not at all, so that a run that is cut off resumes.
        unfinished = kept.with_suffix(".part")
        unfinished.write_text(json.dumps(asdict(made) if made else None))
        unfinished.replace(kept)
    found = json.loads(kept.read_text())
    return SliceOutcome(**found) if found else None


def _slice(data: bytes, how: SliceSettings, limits: SliceLimits) -> SliceOutcome | None:
    binary = prusa.installed()
    if binary is None:
        raise SystemExit("prusa-slicer is what estimates are compared with: apt-get install prusa-slicer")
    with tempfile.TemporaryDirectory() as folder:
        stl = Path(folder) / "model.stl"
        stl.write_bytes(data)
        try:
            return prusa.slice_with_prusa(binary, stl, how, limits, lambda: None)
        except SliceFailed:
            return None
