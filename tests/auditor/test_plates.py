"""Plates of several copies: what is on them is added up, held to what was agreed, and counted once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.plates import BadPlate, items_of, made_of
from auditor.sources.parts import Model
from protocol.evidence import Kind
from protocol.jobspec import job_digest
from protocol.units import Digest, hex_of
from tests.auditor.conftest import told_of
from tests.factories.bundle import JOB_SALT, RECIPIENT, Scene

SHEET, SINGLE = bytes([7]) * 32, bytes([8]) * 32
CLIPS, LIDS = 0, 1


@pytest.fixture
def plates(scene: Scene) -> Scene:
    """Two units of two clips and a lid, one model in two heights, received; nothing is sliced yet."""
    one = scene.spec.parts[0]
    clip, lid = replace(one, name="clip", copies=2), replace(one, name="lid", copies=1)
    scene.spec = replace(scene.spec, parts=(clip, lid))
    scene.terms(job_digest=job_digest(scene.spec, JOB_SALT))
    scene.award()
    scene.record(scene.bo, Kind.MODEL_RECEIVED, {"model": hex_of(one.model), **scene.delivery(RECIPIENT)})
    return scene


def item(scene: Scene, number: int, **said: Any) -> dict[str, Any]:
    wanted = scene.spec.parts[number]
    return {"part": wanted.name, "part_number": number, "model": hex_of(wanted.model), **said}


def sliced(scene: Scene, *numbers: int, gcode: bytes = SHEET, **others: Any) -> None:
    """A sheet with so many copies of the parts, by their numbers."""
    settings = scene.settings()
    del settings["part"]
    items = [item(scene, part, places=[[0, 0, False]] * count) for part, count in enumerate(numbers) if count]
    scene.record(scene.bo, Kind.SLICED, {"gcode": hex_of(gcode), "items": items, **settings, **others})


def printed(scene: Scene, attempt: str, *copies: list[Any], gcode: bytes = SHEET, **others: Any) -> None:
    """A plate with these copies of the parts."""
    said = {
        "attempt": attempt,
        "printer": scene.profile.serial,
        "filament": scene.spec.parts[0].filament,
        "gcode": hex_of(gcode),
        "items": [item(scene, part, copies=some) for part, some in enumerate(copies) if some],
        **others,
    }
    scene.record(scene.bo, Kind.PRINT_STARTED, said)
    scene.record(scene.bo, Kind.PRINT_FINISHED, said)


def codes(scene: Scene) -> set[str]:
    scene.deliver()
    return told_of(scene).codes()


ALL = [[0, 1, 2, 3], [0, 1]]


def test_a_plate_of_all_copies_is_all_that_was_ordered(plates: Scene) -> None:
    sliced(plates, 4, 2)
    printed(plates, "a", *ALL)
    assert codes(plates) == set()


def test_plates_and_single_copies_add_up(plates: Scene) -> None:
    sliced(plates, 2, 1)
    model = hex_of(plates.spec.parts[0].model)
    lone = {"model": model, "part": "clip", "gcode": hex_of(SINGLE)}
    plates.record(plates.bo, Kind.SLICED, {**plates.settings(), **lone})
    printed(plates, "a", [0, 1], [0])
    printed(plates, "b", [2, 3], [1])
    one_more = {**lone, "attempt": "c", "printer": plates.profile.serial, "copy": 3}
    plates.record(plates.bo, Kind.PRINT_STARTED, one_more)
    plates.record(plates.bo, Kind.PRINT_FINISHED, one_more)
    assert codes(plates) == set()


def test_a_plate_that_lacks_a_copy_is_named(plates: Scene) -> None:
    sliced(plates, 4, 1)
    printed(plates, "a", [0, 1, 2, 3], [0])
    assert codes(plates) == {"prints-lacking"}


def test_a_copy_counts_once_however_often_it_is_told(plates: Scene) -> None:
    sliced(plates, 2, 1)
    for attempt in "abc":
        printed(plates, attempt, [0, 1], [0])
    assert codes(plates) == {"prints-lacking"}


def test_a_copy_on_a_plate_and_alone_counts_once(plates: Scene) -> None:
    sliced(plates, 3, 2)
    printed(plates, "a", [0, 1, 2], [0, 1])
    lone = {"model": hex_of(plates.spec.parts[0].model), "part": "clip", "gcode": hex_of(SINGLE)}
    plates.record(plates.bo, Kind.SLICED, {**plates.settings(), **lone})
    again = {**lone, "attempt": "b", "printer": plates.profile.serial, "copy": 2}
    plates.record(plates.bo, Kind.PRINT_FINISHED, again)
    assert codes(plates) == {"prints-lacking"}


@pytest.mark.parametrize(
    ("numbers", "named"),
    [((2, 1), {"plate-other", "prints-lacking"}), ((5, 1), {"plate-other", "prints-lacking"})],
)
def test_more_copies_than_the_gcode_is_for_do_not_count(plates: Scene, numbers, named) -> None:
    sliced(plates, *numbers)
    printed(plates, "a", *ALL)
    assert codes(plates) == named


def test_one_copy_of_gcode_for_many_is_not_taken_for_them(plates: Scene) -> None:
    sliced(plates, 4, 2)
    lone = {"attempt": "a", "printer": plates.profile.serial, "gcode": hex_of(SHEET), "part": "clip"}
    lone["model"] = hex_of(plates.spec.parts[0].model)
    plates.record(plates.bo, Kind.PRINT_STARTED, lone)
    plates.record(plates.bo, Kind.PRINT_FINISHED, lone)
    assert codes(plates) == {"prints-lacking"}


@pytest.mark.parametrize("copies", [[[0, 1, 2, 4], [0, 1]], [[0, 1, 2, -1], [0, 1]], [[0, 1, 2, 3], [0, 7]]])
def test_a_copy_that_was_not_awarded_is_named_and_does_not_count(plates: Scene, copies) -> None:
    sliced(plates, 4, 2)
    printed(plates, "a", *copies)
    assert codes(plates) == {"plate-copy", "prints-lacking"}


@pytest.mark.parametrize(
    "change",
    [
        {"part_number": 2},
        {"part_number": -1},
        {"part_number": True},
        {"part_number": None},
        {"part": "lid"},
        {"model": "0x" + "09" * 32},
        {"copies": []},
        {"copies": 4},
        {"copies": [0, 0, 1, 2]},
        {"copies": [0, 1, 2, True]},
        {"copies": ["0", 1, 2, 3]},
    ],
    ids=str,
)
def test_items_that_are_of_no_part_or_no_copies_are_named(plates: Scene, change) -> None:
    sliced(plates, 4)
    printed(plates, "a", [0, 1, 2, 3], items=[item(plates, CLIPS, copies=[0, 1, 2, 3]) | change])
    assert codes(plates) == {"plate-part", "prints-lacking"}


@pytest.mark.parametrize("items", [None, [], {}, "all", [7], [[]]], ids=str)
def test_items_that_are_none_are_named(plates: Scene, items) -> None:
    sliced(plates, 4, items=items)
    printed(plates, "a", [0, 1, 2, 3], items=items)
    assert codes(plates) == {"plate-part", "prints-lacking"}


def test_a_part_that_is_listed_twice_is_named(plates: Scene) -> None:
    sliced(plates, 4, 2)
    twice = [item(plates, CLIPS, copies=[0, 1]), item(plates, CLIPS, copies=[2, 3])]
    printed(plates, "a", items=twice)
    assert codes(plates) == {"plate-part", "prints-lacking"}


@pytest.mark.parametrize("other", [{"layer_um": 300}, {"material": "PETG"}, {"infill_percent": 50}], ids=str)
def test_a_plate_is_held_to_the_settings_of_each_part_on_it(scene: Scene, other) -> None:
    one = scene.spec.parts[0]
    lid = replace(one, name="lid", copies=1, **other)
    scene.spec = replace(scene.spec, parts=(replace(one, name="clip"), lid))
    scene.terms(job_digest=job_digest(scene.spec, JOB_SALT))
    scene.award()
    scene.record(scene.bo, Kind.MODEL_RECEIVED, {"model": hex_of(one.model), **scene.delivery(RECIPIENT)})
    sliced(scene, 2, 2)
    printed(scene, "a", [0, 1], [0, 1])
    scene.deliver()
    found = told_of(scene).audit().findings
    assert {each.code for each in found} >= {"sliced-settings"}
    assert all("lid" in each.message for each in found if each.code == "sliced-settings")


def test_a_part_of_another_colour_may_not_share_a_plate(scene: Scene) -> None:
    one = scene.spec.parts[0]
    parts = (replace(one, name="clip"), replace(one, name="lid", colour="white"))
    scene.spec = replace(scene.spec, parts=parts)
    scene.terms(job_digest=job_digest(scene.spec, JOB_SALT))
    scene.award()
    scene.record(scene.bo, Kind.MODEL_RECEIVED, {"model": hex_of(one.model), **scene.delivery(RECIPIENT)})
    sliced(scene, 2, 2)
    printed(scene, "a", [0, 1], [0, 1])
    assert codes(scene) == {"printed-filament"}


def test_the_layers_of_a_plate_are_those_of_its_highest_part(plates: Scene) -> None:
    sliced(plates, 4, 2, layers=170)
    printed(plates, "a", *ALL)
    assert codes(plates) == {"sliced-layers"}


def test_a_plate_of_a_model_that_was_not_received_is_named(scene: Scene) -> None:
    scene.award()
    sliced(scene, scene.units)
    printed(scene, "a", list(range(scene.units)))
    assert codes(scene) >= {"sliced-other", "model-not-received"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MODELS = (Model(Digest(bytes([1]) * 32), 10, 2, "clip"),)
ITEM = st.fixed_dictionaries(
    {
        "part": st.just("clip") | JSON,
        "part_number": st.just(0) | JSON,
        "model": st.just(hex_of(MODELS[0].digest)) | JSON,
    },
    optional={"copies": JSON, "places": JSON},
)


@given(JSON | st.lists(ITEM, max_size=3))
def test_whatever_the_items_are_only_awarded_copies_come_of_them(items) -> None:
    payload = {"items": items, "attempt": "a"}
    try:
        found = items_of(payload, MODELS)
    except BadPlate:
        return
    assert [one.number for one in found] == [0]
    made = list(made_of(payload, MODELS, 1))
    assert len({one.key for one in made}) == len(made) <= 2
