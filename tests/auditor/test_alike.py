"""Two parts of one model under one name: each is held to its own settings, and printed of its own G-code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from protocol.evidence import Kind
from protocol.jobspec import job_digest
from protocol.units import hex_of
from tests.auditor.conftest import told_of
from tests.factories.bundle import JOB_SALT, RECIPIENT, Scene

LIGHT, SOLID = 20, 100


@pytest.fixture
def alike(scene: Scene) -> Scene:
    """Two units of a black part at 20 % infill, and of two white ones at 100 %; received, nothing is sliced yet."""
    one = replace(scene.spec.parts[0], infill_percent=LIGHT)
    scene.spec = replace(
        scene.spec, parts=(one, replace(one, infill_percent=SOLID, colour="white", copies=2))
    )
    scene.terms(job_digest=job_digest(scene.spec, JOB_SALT))
    scene.award()
    scene.record(scene.bo, Kind.MODEL_RECEIVED, {"model": hex_of(one.model), **scene.delivery(RECIPIENT)})
    return scene


def of(scene: Scene, number: int) -> dict[str, Any]:
    wanted = scene.spec.parts[number]
    return {"part": wanted.name, "model": hex_of(wanted.model), "gcode": hex_of(bytes([number + 1]) * 32)}


def sliced(scene: Scene, number: int, infill: int, **others: Any) -> None:
    said = {**scene.settings(number, infill_percent=infill), **of(scene, number), "sheet": number, **others}
    scene.record(scene.bo, Kind.SLICED, {name: value for name, value in said.items() if value is not None})


def printed(scene: Scene, number: int, *copies: int, **others: Any) -> None:
    for copy in copies:
        told = {"attempt": f"{number}-{copy}", "printer": scene.profile.serial, "copy": copy}
        told |= {**of(scene, number), "part_number": number, **others}
        told = {name: value for name, value in told.items() if value is not None}
        scene.record(scene.bo, Kind.PRINT_STARTED, told)
        scene.record(scene.bo, Kind.PRINT_FINISHED, told)


def codes(scene: Scene) -> set[str]:
    scene.deliver()
    return told_of(scene).codes()


def test_a_part_sliced_as_its_namesake_was_agreed_is_named(alike: Scene) -> None:
    sliced(alike, 0, LIGHT)
    sliced(alike, 1, LIGHT)
    printed(alike, 0, 0, 1)
    printed(alike, 1, 0, 1, 2, 3)
    assert codes(alike) == {"sliced-settings"}


@pytest.mark.parametrize("number", [1, None])
def test_a_part_of_which_nothing_was_sliced_lacks_its_prints(alike: Scene, number: int | None) -> None:
    sliced(alike, 0, LIGHT)
    printed(alike, 0, 0, 1)
    printed(alike, 1, 0, 1, 2, 3, gcode=of(alike, 0)["gcode"], part_number=number)
    assert codes(alike) == {"prints-lacking"}


@pytest.mark.parametrize("number", [1, None])
def test_gcode_of_one_is_no_print_of_the_other(alike: Scene, number: int | None) -> None:
    sliced(alike, 0, LIGHT)
    sliced(alike, 1, SOLID)
    printed(alike, 0, 0, 1)
    printed(alike, 1, 0, 1, 2, 3, gcode=of(alike, 0)["gcode"], part_number=number)
    assert codes(alike) == {"prints-lacking"}


def test_a_copy_of_one_is_not_awarded_of_the_other(alike: Scene) -> None:
    sliced(alike, 0, LIGHT)
    sliced(alike, 1, SOLID)
    printed(alike, 0, 0, 1, 2)
    printed(alike, 1, 0, 1, 2)
    assert codes(alike) == {"plate-copy", "prints-lacking"}


def test_a_part_in_the_colour_of_its_namesake_is_named(alike: Scene) -> None:
    sliced(alike, 0, LIGHT)
    sliced(alike, 1, SOLID)
    printed(alike, 0, 0, 1, filament="PLA black")
    printed(alike, 1, 0, 1, 2, 3, filament="PLA black")
    assert codes(alike) == {"printed-filament"}


@pytest.mark.parametrize("sheet", [2, -1, True, "0"], ids=repr)
def test_a_sheet_that_is_no_such_part_is_named(alike: Scene, sheet: Any) -> None:
    sliced(alike, 0, LIGHT)
    sliced(alike, 1, SOLID, sheet=sheet)
    assert codes(alike) == {"sliced-part", "prints-lacking", "evidence-lacking"}


@pytest.mark.parametrize("number", [2, -1, True, "1"], ids=repr)
def test_a_number_that_is_no_such_part_is_named(alike: Scene, number: Any) -> None:
    sliced(alike, 0, LIGHT)
    sliced(alike, 1, SOLID)
    printed(alike, 0, 0, 1)
    printed(alike, 1, 0, 1, 2, 3, part_number=number)
    assert codes(alike) == {"plate-part", "prints-lacking"}


def test_each_by_its_own_settings_is_all_that_was_ordered(alike: Scene) -> None:
    sliced(alike, 0, LIGHT)
    sliced(alike, 1, SOLID)
    printed(alike, 0, 0, 1)
    printed(alike, 1, 0, 1, 2, 3)
    assert codes(alike) == set()


def test_gcode_that_was_sliced_for_both_is_taken_for_either(alike: Scene) -> None:
    """A thin part may be solid at any infill."""
    same = of(alike, 0)["gcode"]
    sliced(alike, 0, LIGHT)
    sliced(alike, 1, SOLID, gcode=same)
    printed(alike, 0, 0, 1)
    printed(alike, 1, 0, 1, 2, 3, gcode=same)
    assert codes(alike) == set()


@pytest.mark.parametrize("sheets", [True, False])
def test_logs_that_name_no_number_are_taken_as_before(alike: Scene, sheets: bool) -> None:
    for number, infill in enumerate((LIGHT, SOLID)):
        sliced(alike, number, infill, **({} if sheets else {"sheet": None}))
    printed(alike, 0, 0, 1, part_number=None)
    printed(alike, 1, 0, 1, 2, 3, part_number=None)
    assert codes(alike) == set()
