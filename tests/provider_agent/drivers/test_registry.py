"""Finding a driver by its kind."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import provider_agent.drivers
from provider_agent.drivers import driver_for, kinds
from provider_agent.drivers.base import Driver
from provider_agent.drivers.errors import UnknownDriver

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
def test_every_driver_grades_itself_with_reasons(kind: str) -> None:
    path = Path(provider_agent.drivers.__file__).parent / kind / "quality_scale.yaml"
    scale = yaml.safe_load(path.read_text())
    assert scale["kind"] == kind
    assert scale["rules"]
    for rule, graded in scale["rules"].items():
        assert graded["grade"] in GRADES, rule
        assert len(graded["reason"]) > 20, rule
