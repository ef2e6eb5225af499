"""Models to slice, and a provider's printer."""

from __future__ import annotations

from pathlib import Path

import pytest
import trimesh

from provider_agent.slicing.profile import SliceProfile
from slicers.prusa import installed

PRUSA = pytest.param(
    "prusa-slicer",
    marks=pytest.mark.skipif(installed() is None, reason="prusa-slicer is not installed on this machine"),
)


def profile(**changes: object) -> SliceProfile:
    members: dict[str, object] = {
        "bed_um": (220_000, 220_000, 250_000),
        "nozzle_um": 400,
        "layer_um": 200,
        "material": "PLA",
        "infill_percent": 20,
    }
    return SliceProfile(**members | changes)


def box(path: Path, x: float, y: float, z: float) -> Path:
    mesh = trimesh.creation.box((x, y, z))
    mesh.apply_translation((100, -30, 7))
    mesh.export(path)
    return path


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    return box(tmp_path / "cube.stl", 20, 20, 20)
