"""Hostile files drawn at random end in a typed refusal (test_zoo.py has those made by hand)."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import ModelRefused
from tests.designs.hostile import PLY_TEXT, doubled
from tests.factories.containers import (
    glb,
    glb_scene,
    item_xml,
    mesh_xml,
    model_xml,
    object_xml,
    plain_three_mf,
    three_mf,
    zipped,
)
from tests.factories.models import box, stl, stl_text

OBJ = b"v 0 0 0\nv 20 0 0\nv 0 20 0\nv 0 0 20\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n"
GOOD = {
    "stl": stl(box()),
    "text": stl_text(box()),
    "3mf": plain_three_mf(box()),
    "stored": zipped({"a.stl": stl(box())}, 0),
    "glb": glb(*glb_scene(box(0.02, 0.02, 0.02))),
    "obj": OBJ,
    "ply": PLY_TEXT,
}


def refusal(data, tmp_path):
    file = tmp_path / "model"
    file.write_bytes(data)
    with pytest.raises(ModelRefused) as refused:
        measure(load(file, Limits()))
    return refused.value.reason


def test_a_name_with_control_characters_is_shown_without_them(tmp_path):
    from marketplace.designs.mesh.formats.read import read

    model = read(zipped({"a\x1b[31m\u202egnp.stl": stl(box()), "b.stl": stl(box())}), Limits())
    assert [part.name for part in model.parts] == ["a[31mgnp.stl", "b.stl"]


def test_a_lying_name_does_not_decide(tmp_path):
    file = tmp_path / "picture.png"
    file.write_bytes(plain_three_mf(box()))
    assert measure(load(file, Limits())).volume_mm3 == pytest.approx(8000)


@pytest.mark.parametrize("kind", GOOD)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1), seed=st.integers(0, 2**32))
def test_cut_or_damaged_anywhere_it_is_read_or_refused_and_never_breaks(kind, cut, seed, tmp_path):
    whole = GOOD[kind]
    file = tmp_path / "model"
    noise = np.random.default_rng(seed)
    damaged = bytearray(whole)
    for place in noise.integers(0, len(whole), 4):
        damaged[place] = noise.integers(256)
    for data in (whole[: int(cut * len(whole))], bytes(damaged)):
        file.write_bytes(data)
        with suppress(ModelRefused):
            assert np.isfinite(measure(load(file, Limits())).volume_mm3)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from(
        [b"", b"PK\x03\x04", b"glTF\x02\0\0\0", b"ply\n", b"v 1 2 3\nf ", b'{"asset":', b"solid "]
    ),
    rest=st.binary(max_size=400),
)
def test_random_bytes_are_refused(start, rest, tmp_path):
    refusal(start + rest, tmp_path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(levels=st.integers(0, 30))
def test_doubling_is_counted_before_it_is_built(levels, tmp_path):
    from marketplace.designs.mesh.formats.read import read

    limit = 12 * 1024
    if levels <= 10:
        assert len(read(doubled(levels), Limits(triangles=limit)).triangles()) == 12 * 2**levels
    else:
        with pytest.raises(ModelRefused, match=r"facets|instances"):
            read(doubled(levels), Limits(triangles=limit))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.sampled_from(["nan", "inf", "-inf", "1e38", "1e400", "0x10", "", " ", "1,5", "1e-400"]),
        min_size=1,
        max_size=3,
    )
)
def test_odd_numbers_in_a_3mf_never_pass_for_a_size(words, tmp_path):
    mesh = mesh_xml(box())
    for word in words:
        mesh = mesh.replace('z="20"', f'z="{word}"', 1)
    file = tmp_path / "model"
    file.write_bytes(three_mf(model_xml(object_xml(1, mesh), item_xml(1))))
    with suppress(ModelRefused):
        assert measure(load(file, Limits())).size_um[2] <= 20_000
