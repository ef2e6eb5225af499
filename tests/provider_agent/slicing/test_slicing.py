"""Real slicers, and their G-code carried out on the virtual machine."""

from __future__ import annotations

import hashlib
import math
import re
from pathlib import Path

import pytest
import trimesh

from protocol.canonical import keccak
from provider_agent.drivers.base import AttemptFate
from provider_agent.drivers.virtual.definition import MachineDefinition
from provider_agent.drivers.virtual.machine import Machine
from provider_agent.slicing import Sliced, SliceProfile, slice_model
from provider_agent.slicing.materials import MATERIALS
from tests.provider_agent.slicing.conftest import PRUSA, box, profile

FILAMENT_MM2 = math.pi * 0.875**2
BRACKET = Path(__file__).parents[3] / "demo" / "models" / "bracket.stl"


@pytest.fixture(params=["cura-wasm", PRUSA])
def slicer(request: pytest.FixtureRequest) -> str:
    return request.param


def carried_out(sliced: Sliced, made_for: SliceProfile) -> Machine:
    machine = Machine(MachineDefinition(serial="one", bed_um=made_for.bed_um))
    machine.start(sliced.path)
    machine.advance(1e6, 10**6)
    assert machine.outcome is not None, machine.reason
    assert machine.outcome.fate is AttemptFate.FINISHED, machine.outcome.reason
    return machine


def shelled_mm3(side: float, infill: float) -> float:
    """A cube of two walls, 0.8 mm of floor and ceiling, and so much infill between."""
    inner = (side - 1.6) ** 3
    return side**3 - inner + inner * infill


@pytest.mark.parametrize("infill", [0, 20, 50, 100])
async def test_a_cube_is_printed_as_modelled(tmp_path: Path, cube: Path, slicer: str, infill: int) -> None:
    wanted = profile(infill_percent=infill)
    sliced = await slice_model(cube, wanted, tmp_path / "out.gcode", slicer=slicer)
    machine = carried_out(sliced, wanted)
    skirt_and_prime_mm3 = 150 * 0.4 * 0.2 + 6 * FILAMENT_MM2
    expected = shelled_mm3(20, infill / 100) + skirt_and_prime_mm3
    assert machine.tally.extruded_mm * FILAMENT_MM2 == pytest.approx(expected, rel=0.25)
    assert sliced.filament_mm == pytest.approx(machine.tally.extruded_mm, rel=0.02)
    assert sliced.layers == machine.tally.layers == 100
    assert sliced.print_seconds == pytest.approx(machine.tally.seconds, rel=0.25)
    assert sliced.grams == pytest.approx(sliced.filament_mm * FILAMENT_MM2 * 1.24 / 1000)


async def test_a_model_turned_inside_out_is_printed_all_the_same(tmp_path: Path, slicer: str) -> None:
    model, inverted = tmp_path / "inverted.stl", trimesh.creation.box((20, 20, 5))
    inverted.invert()
    inverted.export(model)
    proper = await slice_model(
        box(tmp_path / "b.stl", 20, 20, 5), profile(), tmp_path / "b.gcode", slicer=slicer
    )
    sliced = await slice_model(model, profile(), tmp_path / "a.gcode", slicer=slicer)
    assert sliced.filament_mm == pytest.approx(proper.filament_mm, rel=0.02)


@pytest.mark.parametrize(("layer_um", "layers"), [(100, 199), (200, 100), (280, 71)])
async def test_layers_are_height_by_layer_with_a_first_of_200(
    tmp_path: Path, cube: Path, slicer: str, layer_um: int, layers: int
) -> None:
    wanted = profile(layer_um=layer_um, infill_percent=10)
    sliced = await slice_model(cube, wanted, tmp_path / "out.gcode", slicer=slicer)
    assert sliced.layers == pytest.approx(layers, abs=1)
    assert carried_out(sliced, wanted).tally.layers == sliced.layers


async def test_the_part_is_in_the_middle_of_the_bed(tmp_path: Path, cube: Path, slicer: str) -> None:
    wanted = profile(bed_um=(180_000, 120_000, 100_000))
    sliced = await slice_model(cube, wanted, tmp_path / "out.gcode", slicer=slicer)
    box_um = carried_out(sliced, wanted).tally.box_um
    assert box_um is not None
    low, high = box_um
    assert (low[0] + high[0]) / 2 == pytest.approx(90_000, abs=300)
    assert (low[1] + high[1]) / 2 == pytest.approx(60_000, abs=300)
    assert high[2] == pytest.approx(20_000, abs=10)


async def test_a_part_as_large_as_the_bed_is_printed_without_leaving_it(tmp_path: Path, slicer: str) -> None:
    wanted = profile(bed_um=(60_000, 60_000, 6_000), infill_percent=5)
    model = box(tmp_path / "full.stl", 60, 60, 6)
    carried_out(await slice_model(model, wanted, tmp_path / "out.gcode", slicer=slicer), wanted)


async def test_a_part_that_fits_only_across_is_turned(tmp_path: Path, slicer: str) -> None:
    wanted = profile(bed_um=(40_000, 120_000, 50_000), infill_percent=5)
    model = box(tmp_path / "long.stl", 100, 15, 4)
    carried_out(await slice_model(model, wanted, tmp_path / "out.gcode", slicer=slicer), wanted)


@pytest.mark.parametrize("kind", ["cube", "overhangs"])
async def test_the_same_input_gives_the_same_gcode(tmp_path: Path, slicer: str, kind: str) -> None:
    model = tmp_path / "model.stl"
    cube, ball = trimesh.creation.box((20, 20, 20)), trimesh.creation.icosphere(subdivisions=3, radius=10)
    (cube if kind == "cube" else ball).export(model)
    first = await slice_model(model, profile(), tmp_path / "first.gcode", slicer=slicer)
    elsewhere = tmp_path / "some folder with quite another name"
    elsewhere.mkdir()
    second = await slice_model(
        model.rename(elsewhere / "b.stl"), profile(), elsewhere / "x.gcode", slicer=slicer
    )
    assert first.digest == second.digest == keccak(second.path.read_bytes())
    assert first.sha256 == hashlib.sha256(first.path.read_bytes()).hexdigest()
    assert first.size == first.path.stat().st_size


async def test_gcode_tells_neither_where_nor_when_it_was_made(
    tmp_path: Path, cube: Path, slicer: str
) -> None:
    sliced = await slice_model(cube, profile(), tmp_path / "out.gcode", slicer=slicer)
    text = sliced.path.read_text()
    assert str(tmp_path) not in text
    assert "cube.stl" not in text
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text)


@pytest.mark.parametrize("material", sorted(MATERIALS))
async def test_every_material_heats_to_its_own_temperatures(tmp_path: Path, material: str) -> None:
    wanted, out = profile(material=material, infill_percent=0), tmp_path / "out.gcode"
    model = box(tmp_path / "tile.stl", 10, 10, 1)
    sliced = await slice_model(model, wanted, out, slicer="cura-wasm")
    text = sliced.path.read_text()
    assert set(re.findall(r"M109 S([\d.]+)", text)) == {str(MATERIALS[material].nozzle_c)}
    assert set(re.findall(r"M190 S([\d.]+)", text)) == {str(MATERIALS[material].bed_c)}
    carried_out(sliced, wanted)


@pytest.mark.parametrize("nozzle_um", [250, 400, 600, 800])
async def test_nozzles(tmp_path: Path, cube: Path, slicer: str, nozzle_um: int) -> None:
    wanted = profile(nozzle_um=nozzle_um, layer_um=nozzle_um // 2, infill_percent=10)
    carried_out(await slice_model(cube, wanted, tmp_path / "out.gcode", slicer=slicer), wanted)


async def test_the_demonstration_model_slices_with_and_without_prusa_slicer(
    tmp_path: Path, slicer: str
) -> None:
    sliced = await slice_model(BRACKET, profile(), tmp_path / "out.gcode", slicer=slicer)
    carried_out(sliced, profile())


def test_profiles_have_a_digest_that_moves_with_every_member() -> None:
    changes: list[dict[str, object]] = [
        {"bed_um": (1, 2, 3)},
        {"nozzle_um": 500},
        {"layer_um": 120},
        {"material": "PETG"},
        {"infill_percent": 21},
        {"filament_um": 2850},
        {"print_mm_s": 61},
        {"travel_mm_s": 151},
        {"acceleration_mm_s2": 1501},
    ]
    digests = {profile().digest(), *(profile(**change).digest() for change in changes)}
    assert len(digests) == len(changes) + 1
    assert profile().digest() == profile().digest()
