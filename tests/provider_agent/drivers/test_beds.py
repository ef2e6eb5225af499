"""Beds of well-known models."""

from __future__ import annotations

import pytest

from provider_agent.drivers.beds import bed_of


@pytest.mark.parametrize(
    ("make", "model"),
    [
        ("Prusa", ""),
        ("Prusa", "None None foxlair"),
        ("Bambu Lab", "Z9"),
        ("Creality", "MK4"),
        ("Bambu Lab", "xa1"),
    ],
)
def test_a_model_that_is_not_known_has_none(make: str, model: str) -> None:
    assert bed_of(make, model) is None


@pytest.mark.parametrize(
    ("make", "model", "bed_mm"),
    [
        ("Prusa", "PrusaLink I3MK3S", (250, 210, 210)),
        ("Prusa", "None prusa-mk4 None", (250, 210, 220)),
        ("Prusa", "MK3.9S", (250, 210, 220)),
        ("Prusa", "PrusaLink I3MK25", (250, 210, 200)),
        ("Prusa", "None prusa-mini None", (180, 180, 180)),
        ("Prusa", "prusa-core-one", (250, 220, 270)),
        ("Prusa", "prusa-xl", (360, 360, 360)),
        ("Bambu Lab", "P1S", (256, 256, 256)),
        ("Bambu Lab", "Bambu Lab X1 Carbon", (256, 256, 256)),
        ("Bambu Lab", "Bambu Lab A1 mini", (180, 180, 180)),
        ("Bambu Lab", "Bambu Lab A1", (256, 256, 256)),
    ],
)
def test_a_known_model_has_its_makers_bed(make: str, model: str, bed_mm: tuple[int, int, int]) -> None:
    assert bed_of(make, model) == tuple(length * 1000 for length in bed_mm)
