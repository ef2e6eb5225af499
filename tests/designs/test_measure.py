"""Measurements against what geometry says they must be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import Measurement, ModelRefused
from tests.factories.models import BRACKET, box, sphere, stl, stl_text

lengths = st.floats(1, 400)
places = st.tuples(*[st.floats(-1000, 1000)] * 3)


def codes(measurement: Measurement) -> set[str]:
    return {finding.code for finding in measurement.findings}


@given(lengths, lengths, lengths, places)
@settings(max_examples=60, deadline=None)
def test_boxes_anywhere_measure_as_boxes(x, y, z, at):
    found = measure(box(x, y, z, at))
    assert found.volume_mm3 == pytest.approx(x * y * z, rel=1e-6, abs=1e-3)
    assert found.area_mm2 == pytest.approx(2 * (x * y + y * z + z * x), rel=1e-6, abs=1e-3)
    assert found.size_um == pytest.approx((x * 1000, y * 1000, z * 1000), abs=1)
    assert (found.watertight, found.winding_consistent, found.bodies) == (True, True, 1)
    assert found.bed_contact_mm2 == pytest.approx(x * y, rel=1e-6, abs=1e-3)
    assert found.wall_mm2 == pytest.approx(2 * (x + y) * z, rel=1e-6, abs=1e-3)
    assert found.overhang_mm2 == 0


@given(st.floats(2, 200))
@settings(max_examples=30, deadline=None)
def test_spheres_measure_as_spheres(radius):
    found = measure(sphere(radius, rings=60))
    assert found.volume_mm3 == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.01)
    assert found.area_mm2 == pytest.approx(4 * np.pi * radius**2, rel=0.01)
    # From above and below a sphere is a disc; 45 degrees of it hang over.
    assert found.top_mm2 == pytest.approx(np.pi * radius**2, rel=0.01)
    assert found.overhang_mm2 == pytest.approx(2 * np.pi * radius**2 * (1 - np.sqrt(0.5)), rel=0.1)


@given(lengths, st.booleans())
@settings(max_examples=20, deadline=None)
def test_turning_a_model_inside_out_changes_only_the_finding(size, round_model):
    facets = sphere(size) if round_model else box(size, size, size)
    found, turned = measure(facets), measure(facets[:, ::-1])
    assert turned.volume_mm3 == pytest.approx(found.volume_mm3)
    assert turned.overhang_mm2 == pytest.approx(found.overhang_mm2)
    assert codes(turned) - codes(found) == {"inside-out"}


def test_two_bodies_are_counted(tmp_path):
    found = measure(np.concatenate([box(), box(5, 5, 5, at=(30, 0, 0))]))
    assert (found.bodies, found.volume_mm3) == (2, pytest.approx(8125))
    assert "several-bodies" in codes(found)


def test_a_box_without_its_lid_is_not_watertight():
    found = measure(box()[:-2])
    assert (found.watertight, "not-watertight" in codes(found)) == (False, True)


def test_one_facet_turned_is_noticed():
    facets = box()
    facets[0] = facets[0, ::-1]
    assert "winding" in codes(measure(facets))


def test_facets_without_area_are_left_out():
    speck = np.full((1, 3, 3), 1.0)
    found = measure(np.concatenate([box(), speck]))
    assert (found.triangles, found.degenerate_triangles) == (12, 1)
    assert found.watertight


@pytest.mark.parametrize(
    ("facets", "code"),
    [
        (box(1, 1, 1), "very-small"),
        (box(5, 5, 100), "tall-and-thin"),
        (sphere(20), "little-bed-contact"),
        (sphere(20), "overhang"),
    ],
)
def test_what_to_know_before_printing_is_said(facets, code):
    assert code in codes(measure(facets))


@pytest.mark.parametrize(
    ("code", "words"), [("overhang", " cm² hang over"), ("little-bed-contact", " mm² touch")]
)
def test_areas_are_said_in_their_units(code, words):
    assert words in next(each.message for each in measure(sphere(20)).findings if each.code == code)


def test_a_plain_box_needs_no_words():
    assert measure(box()).findings == ()


def test_text_and_binary_files_measure_alike(tmp_path):
    (tmp_path / "binary.stl").write_bytes(stl(sphere()))
    (tmp_path / "text.stl").write_bytes(stl_text(sphere()))
    one, other = (measure(load(tmp_path / name, Limits())) for name in ("binary.stl", "text.stl"))
    assert one.volume_mm3 == pytest.approx(other.volume_mm3, rel=1e-5)
    assert (one.size_um, one.triangles) == (other.size_um, other.triangles)


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_refused_by_name_never_by_accident(tmp_path_factory, data):
    file = tmp_path_factory.getbasetemp() / "random.stl"
    file.write_bytes(data)
    with pytest.raises(ModelRefused):
        measure(load(file, Limits()))


@given(st.integers(0, 683), st.integers(0, 255))
@settings(max_examples=200, deadline=None)
def test_a_damaged_byte_is_measured_or_refused_by_name(tmp_path_factory, at, value):
    data = bytearray(stl(box()))
    data[at] = value
    file = tmp_path_factory.getbasetemp() / "damaged.stl"
    file.write_bytes(data)
    try:
        found = measure(load(file, Limits())).volume_mm3 > 0
    except ModelRefused as refused:
        found = refused.reason.message.endswith(".")
    assert found


def test_measurements_survive_their_json():
    found = measure(sphere(20))
    assert Measurement.from_json(found.to_json()) == found


def test_the_demos_bracket_is_a_sound_part_of_70_mm():
    found = measure(load(BRACKET, Limits()))
    assert found.size_um == (70_000, 56_000, 14_000)
    assert (found.watertight, found.winding_consistent, found.bodies) == (True, True, 1)
    assert 1_000 <= found.triangles <= 5_000
    assert found.volume_mm3 < 20_000


@pytest.mark.parametrize("name", ["bracket", "spacer"])
def test_the_demos_parts_are_what_their_script_makes(name):
    from demo.models import make_bracket

    made = measure(getattr(make_bracket, name)())
    kept = measure(load(BRACKET.with_name(f"{name}.stl"), Limits()))
    assert (kept.watertight, kept.winding_consistent, kept.inside_out) == (True, True, False)
    assert made.size_um == kept.size_um
    assert made.volume_mm3 == pytest.approx(kept.volume_mm3, rel=1e-4)
