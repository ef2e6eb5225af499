"""Several copies in one G-code: each where it was placed, and nothing between them but a line around all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from provider_agent.plates.arranging import Piece, arrange
from provider_agent.slicing import model_measure, slice_plate
from provider_agent.slicing.errors import DoesNotFit, ModelUnreadable
from provider_agent.slicing.place import ALONE, Place
from tests.provider_agent.slicing.conftest import PRUSA, box, profile
from tests.provider_agent.slicing.test_slicing import carried_out

LINE_MM = 0.5
BAR, TILE = (40, 10, 3), (15, 15, 2)


@pytest.fixture(params=["cura-wasm", PRUSA])
def slicer(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def models(tmp_path: Path) -> list[Path]:
    return [box(tmp_path / "bar.stl", *BAR), box(tmp_path / "tile.stl", *TILE)]


def extruded(gcode: str) -> Iterator[tuple[float, float]]:
    """Where filament is laid, but for the line around everything (absolute E)."""
    kind, x, y, pushed = "", 0.0, 0.0, 0.0
    for line in gcode.splitlines():
        if line.startswith(";TYPE:"):
            kind = line[6:].lower()
        elif re.match(r"G[01] ", line):
            words = dict(re.findall(r"([XYE])(-?[\d.]+)", line))
            x, y = float(words.get("X", x)), float(words.get("Y", y))
            if float(words.get("E", pushed)) > pushed and {"X", "Y"} & words.keys() and "skirt" not in kind:
                yield x, y
            pushed = float(words.get("E", pushed))
        elif line.startswith("G92 E"):
            pushed = float(line[5:])


def copy_at(point: tuple[float, float], places: list[tuple[tuple[int, ...], Place]]) -> int | None:
    """Which copy a point of the bed belongs to."""
    for number, (size, place) in enumerate(places):
        wide, deep = (size[1], size[0]) if place.turned else size[:2]
        x, y = point[0] - 110 - place.x_um / 1000, point[1] - 110 - place.y_um / 1000
        if abs(x) <= wide / 2 + LINE_MM and abs(y) <= deep / 2 + LINE_MM:
            return number
    return None


async def test_a_model_that_cannot_be_read_is_refused_whatever_lies_beside_it(tmp_path: Path, models) -> None:
    (tmp_path / "bad.stl").write_bytes(b"not a model")
    placed = [(models[0], [Place(-40_000, 0, False)]), (tmp_path / "bad.stl", [Place(40_000, 0, False)])]
    with pytest.raises(ModelUnreadable):
        await slice_plate(placed, profile(), tmp_path / "out.gcode")
    with pytest.raises(ModelUnreadable):
        await model_measure(tmp_path / "bad.stl", profile())


async def test_copies_that_reach_over_the_bed_are_refused(tmp_path: Path, models) -> None:
    placed = [(models[0], [Place(-100_000, 0, False), Place(100_000, 0, False)])]
    with pytest.raises(DoesNotFit):
        await slice_plate(placed, profile(), tmp_path / "out.gcode")
    assert not (tmp_path / "out.gcode").exists()


async def test_a_model_is_measured_as_it_will_lie(models) -> None:
    assert [(await model_measure(model, profile())).size_um for model in models] == [
        (40_000, 10_000, 3_000),
        (15_000, 15_000, 2_000),
    ]
    across = await model_measure(models[0], profile(bed_um=(30_000, 60_000, 50_000)))
    assert (across.size_um, across.facets) == ((10_000, 40_000, 3_000), 12)
    assert sorted(each.name for each in models[0].parent.iterdir()) == ["bar.stl", "tile.stl"]


async def test_every_copy_is_printed_in_its_place(tmp_path: Path, models, slicer: str) -> None:
    pieces = [
        Piece(number, (size[0] * 1000, size[1] * 1000), copies, 100, 12)
        for number, (size, copies) in enumerate(((BAR, 3), (TILE, 2)))
    ]
    (run,) = arrange(pieces, (220_000, 220_000), 10_000)
    placed = [(models[part], places) for part, places in run.layout]
    sliced = await slice_plate(placed, profile(), tmp_path / "out.gcode", slicer=slicer)
    carried_out(sliced, profile())
    known = [((BAR, TILE)[part], place) for part, places in run.layout for place in places]
    found = {copy_at(point, known) for point in extruded(sliced.path.read_text())}
    assert found == set(range(5))
    again = await slice_plate(placed, profile(), tmp_path / "again.gcode", slicer=slicer)
    assert again.digest == sliced.digest


async def test_turned_copies_lie_across(tmp_path: Path, models, slicer: str) -> None:
    places = [Place(-20_000, 0, True), Place(20_000, 0, False)]
    sliced = await slice_plate([(models[0], places)], profile(), tmp_path / "out.gcode", slicer=slicer)
    # The whole is put in the middle: from -25 to 40 mm is 7.5 mm to the left of where it was placed.
    known = [(BAR, Place(place.x_um - 7_500, 0, place.turned)) for place in places]
    assert {copy_at(point, known) for point in extruded(sliced.path.read_text())} == {0, 1}


async def test_one_copy_in_the_middle_is_what_it_is_alone(tmp_path: Path, models, slicer: str) -> None:
    sliced = await slice_plate([(models[0], [ALONE])], profile(), tmp_path / "out.gcode", slicer=slicer)
    assert {copy_at(point, [(BAR, ALONE)]) for point in extruded(sliced.path.read_text())} == {0}
