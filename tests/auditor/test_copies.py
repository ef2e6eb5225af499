"""Prints of one copy: those awarded count, each once."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.evidence import Kind
from protocol.units import hex_of
from tests.auditor.conftest import told_of
from tests.factories.bundle import GCODE, Scene

ABSENT = object()


def printed(scene: Scene, *copies: dict[str, Any]) -> set[str]:
    """What is found once two units of a part are delivered, and these prints of it are told."""
    scene.award()
    scene.print(lacking=(Kind.PRINT_STARTED, Kind.PRINT_FINISHED))
    part = scene.spec.parts[0]
    for number, copy in enumerate(copies):
        said = {"attempt": str(number), "printer": scene.profile.serial, "gcode": hex_of(GCODE)}
        said |= {"part": part.name, "model": hex_of(part.model), **copy}
        said = {name: value for name, value in said.items() if value is not ABSENT}
        scene.record(scene.bo, Kind.PRINT_STARTED, said)
        scene.record(scene.bo, Kind.PRINT_FINISHED, said)
    scene.deliver()
    return told_of(scene).codes()


@pytest.mark.parametrize("copy", [2, 99, -1, "1", True, None, [1]], ids=repr)
def test_a_copy_that_was_not_awarded_is_named_and_does_not_count(scene: Scene, copy: Any) -> None:
    assert printed(scene, {"copy": 0}, {"copy": copy}) == {"plate-copy", "prints-lacking"}


def test_nor_does_one_that_does_not_name_its_part(scene: Scene) -> None:
    assert printed(scene, {"copy": 0}, {"copy": 2, "part": ABSENT}) == {"plate-copy", "prints-lacking"}


def test_a_copy_that_is_told_of_twice_is_one(scene: Scene) -> None:
    assert printed(scene, {"copy": 1}, {"copy": 1}) == {"prints-lacking"}


def test_each_awarded_copy_once_is_all_that_was_ordered(scene: Scene) -> None:
    assert printed(scene, {"copy": 0}, {"copy": 1}) == set()


def test_records_that_name_no_copy_as_the_first_did_count_by_attempt(scene: Scene) -> None:
    assert printed(scene, {}, {}) == set()
