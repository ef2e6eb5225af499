"""Capabilities and requirements: a mismatch gives reasons with numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from protocol.capability import Capability, Material, Requirement, fits, satisfies
from protocol.errors import Malformed
from tests.protocol.strategies import capabilities, requirements, sizes

PRINTER = Capability("FDM", (100_000, 200_000, 50_000), (Material("PLA", ("black",)),), 400, 100, 300)
BRACKET = Requirement((70_000, 40_000, 35_000), "PLA", "black", 200)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size_um": (70_000, 40_000, 51_000)}, "70 x 40 x 51 mm"),
        ({"size_um": (150_000, 101_000, 10_000)}, "100 x 200 x 50 mm"),
        ({"material": "PETG"}, "has PLA"),
        ({"colour": "red"}, "in stock: black"),
        ({"layer_um": 50}, "0.05 mm layers"),
        ({"layer_um": 350}, "0.1 to 0.3 mm"),
    ],
)
def test_a_mismatch_gives_one_reason_with_numbers(change, words):
    reasons = satisfies(PRINTER, replace(BRACKET, **change))
    assert len(reasons) == 1
    assert words in reasons[0]


@pytest.mark.parametrize(
    "change",
    [
        {"bed_um": [1, 2]},
        {"bed_um": [0, 1, 1]},
        {"materials": []},
        {"materials": [{"kind": "PLA"}]},
        {"materials": [{"kind": "", "colours": []}]},
        {"nozzle_um": "400"},
        {"min_layer_um": 400},
        {"technology": None},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_malformed_capability_is_refused(change):
    with pytest.raises(Malformed):
        Capability.from_json({**PRINTER.to_json(), **change})


def test_a_part_may_be_turned_on_the_bed():
    assert satisfies(PRINTER, replace(BRACKET, size_um=(200_000, 100_000, 50_000))) == ()


def test_any_colour_is_a_wish_everyone_can_grant():
    assert satisfies(PRINTER, replace(BRACKET, colour="any")) == ()


@given(capabilities)
def test_wire_form_and_back_is_the_same(capability):
    assert Capability.from_json(capability.to_json()) == capability


@given(capabilities, requirements)
def test_a_larger_bed_never_adds_a_reason(capability, requirement):
    larger = replace(capability, bed_um=tuple(length + 1000 for length in capability.bed_um))
    assert len(satisfies(larger, requirement)) <= len(satisfies(capability, requirement))


@given(sizes, sizes)
def test_fitting_does_not_depend_on_which_way_the_part_was_drawn(bed, size):
    x, y, z = size
    assert fits(bed, (x, y, z)) == fits(bed, (y, x, z))
