"""What slicers say of the parts, sliced once and kept in .infill/."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from marketplace.designs.mesh.materials import MaterialClass
from marketplace.designs.slicing.outcome import SliceFailed, SliceOutcome, SliceSettings
from marketplace.designs.slicing.slicer import SliceLimits, slice_with_cura, slice_with_prusa
from marketplace.designs.slicing.standard import cura_profile, prusa_profile
from slicers import cura, prusa

ROOT: Final = Path(__file__).resolve().parents[2]
KEPT: Final = ROOT / ".infill" / "estimate"
LIMITS: Final = SliceLimits(cpu_seconds=900, memory_bytes=3 * 1024**3, wall_seconds=1200)
USUAL: Final = SliceSettings(200, 20)
OTHERS: Final = (
    (SliceSettings(100, 15), SliceSettings(150, 10), SliceSettings(150, 30)),
    (SliceSettings(300, 10), SliceSettings(250, 40), SliceSettings(280, 100)),
)


def is_kept(data: bytes, how: SliceSettings) -> bool:
    """Whether PrusaSlicer has sliced it already."""
    return (KEPT / _key(data, how, prusa.NAME)).exists()


def sliced(data: bytes, how: SliceSettings, by: str = prusa.NAME) -> SliceOutcome | None:
    """What a slicer says of a binary STL: from what is kept, else by slicing now; None where the slicer
    fails, which is kept too."""
    found = json.loads(kept(_key(data, how, by), lambda: json.dumps(_slice(data, how, by)).encode()))
    return SliceOutcome(**{"profile": _profile(by)} | found) if found else None


def _profile(by: str) -> str:
    return (prusa_profile() if by == prusa.NAME else cura_profile()).split()[1]


def _key(data: bytes, how: SliceSettings, by: str) -> str:
    soft = f":{how.material_class}" if how.material_class is not MaterialClass.ORDINARY else ""
    words = f"{by}:{_profile(by)}:{how.layer_um}:{how.infill_percent}{soft}"
    return hashlib.sha256(data + words.encode()).hexdigest()[:32] + ".json"


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """A file of .infill/, made where there is none: whole or not at all, so that a run that is cut off
    resumes."""
    path = KEPT / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(make())
        unfinished.replace(path)
    return path.read_bytes()


def _slice(data: bytes, how: SliceSettings, by: str) -> dict[str, Any] | None:
    binary = prusa.installed()
    if binary is None:
        raise SystemExit("prusa-slicer is what estimates are compared with: apt-get install prusa-slicer")
    with tempfile.TemporaryDirectory() as folder:
        stl = Path(folder) / "model.stl"
        stl.write_bytes(data)
        try:
            if by == cura.NAME:
                return asdict(slice_with_cura(stl, how, LIMITS, lambda: None))
            return asdict(slice_with_prusa(binary, stl, how, LIMITS, lambda: None))
        except SliceFailed:
            return None
