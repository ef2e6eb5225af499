"""The job spec: strict to read, its digest salted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.canonical import canonical_bytes, keccak
from protocol.capability import Capability, Material, satisfies
from protocol.errors import Malformed
from protocol.jobspec import JobSpec, Part, job_digest, needs_of, requirement_of, unfit
from tests.protocol.strategies import capabilities, parts
from tests.vectors.samples import sample_bid

BLACK = ("PLA", "black", 200, 20)
PART = Part("bracket.stl", keccak(b"model"), 84, 1, 15_000, 9_000, (70_000, 40_000, 35_000), 1200, *BLACK)
SPEC = JobSpec(
    title="Shelf bracket",
    designer=sample_bid().designer,
    parts=(PART,),
    tolerance="standard",
    quantity=2,
    deadline=1_900_000_000,
    sampling="each",
    photos=(),
    ship_to_zone="any",
    licence="print once",
)
SALT = keccak(b"salt")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1},
        {"version": 3},
        {"material": "PLA"},
        {"layer_um": 200},
        {"parts": []},
        {"parts": [{}]},
        {"title": ""},
        {"title": "x" * 201},
        {"quantity": -1},
        {"quantity": 1.5},
        {"deadline": True},
        {"photos": None},
        {"designer": "Ada"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_malformed_spec_is_refused(change):
    with pytest.raises(Malformed):
        JobSpec.from_json({**SPEC.to_json(), **change})


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33)])
def test_a_salt_has_32_bytes(salt):
    with pytest.raises(Malformed, match="32 bytes"):
        job_digest(SPEC, salt)


def test_wire_form_and_back_is_the_same():
    assert JobSpec.from_json(SPEC.to_json()) == SPEC


@given(st.binary(min_size=32, max_size=32), st.integers(1, 2**31))
def test_salt_and_content_both_change_the_digest(salt, quantity):
    changed = job_digest(replace(SPEC, quantity=quantity), salt)
    assert (changed == job_digest(SPEC, SALT)) == (quantity == SPEC.quantity and salt == SALT)


@pytest.mark.parametrize(
    "change",
    [
        {"material": ""},
        {"material": None},
        {"colour": 7},
        {"colour": "x" * 201},
        {"layer_um": 0},
        {"layer_um": 0.2},
        {"infill_percent": -1},
        {"infill_percent": 101},
        {"infill_percent": True},
        {"copies": 0},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_malformed_part_is_refused(change):
    with pytest.raises(Malformed) as refused:
        JobSpec.from_json({**SPEC.to_json(), "parts": [PART.to_json(), {**PART.to_json(), **change}]})
    assert refused.value.field.startswith("parts")


@pytest.mark.parametrize("name", sorted(PART.to_json()))
def test_a_part_lacks_nothing(name):
    lacking = {key: value for key, value in PART.to_json().items() if key != name}
    with pytest.raises(Malformed):
        JobSpec.from_json({**SPEC.to_json(), "parts": [lacking]})


@given(st.lists(parts, min_size=1, max_size=5))
def test_any_parts_come_back_from_json_as_they_were(found):
    spec = replace(SPEC, parts=tuple(found))
    assert JobSpec.from_json(json.loads(canonical_bytes(spec.to_json()))) == spec


@given(st.lists(parts, min_size=1, max_size=4), capabilities)
def test_a_printer_makes_a_job_when_it_makes_every_part(found, capability):
    spec = replace(SPEC, parts=tuple(found))
    alone = [satisfies(capability, requirement_of(part)) for part in found]
    assert (unfit(capability, spec) == ()) == (not any(alone))
    assert [each.requirement for each in needs_of(spec)] == [requirement_of(part) for part in found]


def test_the_reason_names_the_part_that_cannot_be_made():
    lid = replace(PART, name="lid.stl", material="PETG")
    capability = Capability("FDM", (220_000,) * 3, (Material("PLA", ("black",)),), 400, 100, 300)
    assert unfit(capability, SPEC) == ()
    assert unfit(capability, replace(SPEC, parts=(lid,))) == ("The job needs PETG, the printer has PLA.",)
    assert unfit(capability, replace(SPEC, parts=(PART, lid, lid))) == (
        "lid.stl: The job needs PETG, the printer has PLA.",
    )


def test_a_part_may_lie_as_it_was_drawn_or_turned():
    turned = replace(PART, size_um=(10_000, 80_000, 90_000))
    assert requirement_of(turned).size_um == (80_000, 10_000, 90_000)


@pytest.mark.parametrize(
    ("colour", "text"),
    [("black", "PLA black"), ("any", "PLA any colour"), ("ivory white", "PLA ivory white")],
)
def test_a_filament_in_words(colour, text):
    assert replace(PART, colour=colour).filament == text
