"""The profile `infill-standard`, an ordinary open printer, in each slicer's words. PrusaSlicer's file is the
original; what cura-wasm is told says the same as far as it has words for it. No Django."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from math import ceil
from pathlib import Path
from typing import Final

from marketplace.designs.mesh.materials import FLOW_MM3_S, MaterialClass
from marketplace.designs.slicing.outcome import SliceSettings
from slicers.cura_settings import CuraRecipe, Speeds

PROFILE: Final = Path(__file__).with_name("infill-standard.ini")
CENTRE_MM: Final = (150.0, 150.0)
FILAMENT_UM: Final = 1750
SHELL_MM: Final = 0.8
LEAST_SHELL_LAYERS: Final = 3
LINE_MM: Final = 0.45


def ini_of(how: SliceSettings) -> str:
    """The profile with these settings, for PrusaSlicer."""
    stated = {
        "layer_height": f"{how.layer_um / 1000:g}",
        "fill_density": f"{how.infill_percent}%",
        "filament_max_volumetric_speed": f"{FLOW_MM3_S[how.material_class]:g}",
    }
    if how.infill_percent == 100:
        # Only this pattern may fill a print altogether.
        stated["fill_pattern"] = "rectilinear"
    lines = PROFILE.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.partition("=")[0].strip() not in stated]
    return "\n".join([*kept, *(f"{name} = {value}" for name, value in stated.items())]) + "\n"


def cura_of(how: SliceSettings) -> CuraRecipe:
    """The profile with these settings, for cura-wasm."""
    layer = how.layer_um / 1000
    return CuraRecipe(
        bed_mm=(300, 300, 320),
        nozzle_mm=0.4,
        line_mm=LINE_MM,
        filament_um=FILAMENT_UM,
        layer_mm=layer,
        first_layer_mm=0.2,
        walls=2,
        shell_layers=max(LEAST_SHELL_LAYERS, ceil(SHELL_MM / layer - 1e-9)),
        infill_percent=how.infill_percent,
        skirt=True,
        skirt_gap_mm=3,
        speeds=_speeds(FLOW_MM3_S[how.material_class] / (LINE_MM * layer)),
        nozzle_c=210,
        bed_c=60,
        fan_percent=100,
        retraction_mm=0.8,
        retraction_mm_s=35,
        overhang_degrees=45,
        start_gcode="G28",
        end_gcode="M84",
        more={
            "center_object": True,
            "cool_min_layer_time": 8,
            "cool_min_speed": 15,
            "retraction_hop_enabled": True,
            "retraction_hop": 0.2,
        },
    )


def _speeds(fastest: float) -> Speeds:
    """No faster than the material melts."""
    return Speeds(
        outer=min(36, fastest),
        inner=min(60, fastest),
        skin=min(60, fastest),
        roof=min(40, fastest),
        infill=min(80, fastest),
        support=min(60, fastest),
        interface=min(60, fastest),
        first=min(25, fastest),
        travel=150,
        acceleration=1000,
    )


def prusa_profile() -> str:
    """Which profile a slice of PrusaSlicer was made with."""
    return f"{PROFILE.stem} {hashlib.sha256(PROFILE.read_bytes()).hexdigest()[:16]}"


def cura_profile() -> str:
    """Which profile a slice of cura-wasm was made with."""
    told = asdict(cura_of(SliceSettings(200, 20, MaterialClass.ORDINARY)))
    return f"{PROFILE.stem}-cura {hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]}"
