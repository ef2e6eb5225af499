"""The job spec: strict to read, its digest salted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.canonical import keccak
from protocol.errors import Malformed
from protocol.jobspec import JobSpec, Part, job_digest, requirement_of
from tests.vectors.samples import sample_bid

PART = Part("bracket.stl", keccak(b"model"), 84, 1, 15_000, 9_000, (70_000, 40_000, 35_000), 1200)
SPEC = JobSpec(
    title="Shelf bracket",
    designer=sample_bid().designer,
    parts=(PART,),
    material="PLA",
    colour="black",
    layer_um=200,
    infill_percent=20,
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
        {"version": 2},
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


def test_the_requirement_covers_every_part_whichever_way_it_was_drawn():
    tall = replace(PART, size_um=(10_000, 80_000, 90_000))
    needed = requirement_of(replace(SPEC, parts=(PART, tall)))
    assert needed.size_um == (80_000, 40_000, 90_000)
