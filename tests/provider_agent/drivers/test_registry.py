"""Finding a driver by its kind."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import provider_agent.drivers
from provider_agent.drivers import driver_for, kinds, needs_of
from provider_agent.drivers.base import Driver
from provider_agent.drivers.errors import UnknownDriver

HOME, TESTS = Path(provider_agent.drivers.__file__).parent, Path(__file__).parent
ROOT = TESTS.parents[2]
FILES = {"__init__.py", "answers.py", "driver.py", "quality_scale.yaml"}
GRADES = {"done", "partial", "missing", "exempt"}


def test_an_unknown_kind_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(UnknownDriver, match="virtual"):
        driver_for("typewriter", "http://127.0.0.1:1")


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_gives_a_driver_that_declares_what_it_can(kind: str) -> None:
    driver = driver_for(kind, "http://127.0.0.1:1")
    assert isinstance(driver, Driver)
    assert driver.capabilities() == driver.capabilities()


@pytest.mark.parametrize("kind", kinds())
def test_every_driver_is_a_folder_of_the_same_files(kind: str) -> None:
    names = {path.name for path in (HOME / kind).iterdir()}
    assert names >= FILES
    assert (TESTS / kind / "test_contract.py").is_file()


def test_every_folder_of_a_driver_is_a_kind() -> None:
    folders = {path.parent.name for path in HOME.glob("*/driver.py")}
    assert folders == set(kinds())


@pytest.mark.parametrize("kind", kinds())
def test_what_a_driver_needs_is_told_in_its_page(kind: str) -> None:
    page = (ROOT / "docs" / "printers.md").read_text()
    assert f"`{kind}`" in page
    for setting in needs_of(kind):
        assert f"`{setting}`" in page


@pytest.mark.parametrize("kind", kinds())
def test_every_driver_grades_itself_with_reasons(kind: str) -> None:
    scale = yaml.safe_load((HOME / kind / "quality_scale.yaml").read_text())
    assert scale["kind"] == kind
    assert scale["rules"]
    for rule, graded in scale["rules"].items():
        assert graded["grade"] in GRADES, rule
        assert len(graded["reason"]) > 20, rule


@pytest.mark.parametrize("kind", kinds())
def test_every_driver_grades_itself_by_the_same_rules(kind: str) -> None:
    scale = yaml.safe_load((HOME / kind / "quality_scale.yaml").read_text())
    virtual = yaml.safe_load((HOME / "virtual" / "quality_scale.yaml").read_text())
    assert set(scale["rules"]) >= set(virtual["rules"])
