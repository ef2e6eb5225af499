"""Overhang, support, the bed, balance and the best way up."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marketplace.designs.mesh.measure import measure
from tests.designs.findings import codes, finding
from tests.factories.models import box, sphere
from tests.factories.shapes import inside_out, leaning, tee, turned


def test_below_the_arms_of_a_tee_stands_exactly_their_support():
    found = measure(tee())
    assert found.overhang_mm2 == pytest.approx(2 * 8 * 10)
    assert found.support_mm3 == pytest.approx(2 * 8 * 10 * 20)
    place = finding(found, "overhang").place
    assert (place.low, place.high) == ((0, 0, 20), (20, 10, 20))


def test_support_stands_on_the_model_where_that_is_below():
    table = np.concatenate([box(10, 10, 5), box(2, 10, 15, at=(8, 0, 5.0)), box(10, 10, 2, at=(0, 0, 12.0))])
    # 10 x 10 mm hang 7 mm over the foot, less the 2 x 10 mm of the post, which carries them.
    assert measure(table).support_mm3 == pytest.approx(8 * 10 * 7, rel=0.02)


@given(st.floats(5, 60), st.floats(0, 400))
@settings(max_examples=20, deadline=None)
def test_support_does_not_depend_on_where_a_model_stands(depth, at):
    found = measure(tee(depth) + np.array([at, -at, at]))
    assert found.support_mm3 == pytest.approx(16 * depth * 20, rel=1e-3)


def test_below_a_sphere_on_its_point_is_what_geometry_says():
    radius = 10
    # Down to 45 degrees: the cylinder of that circle, less the cap of the sphere in it.
    cap_height = radius * (1 - np.sqrt(0.5))
    cylinder = np.pi * (radius**2 / 2) * cap_height
    cap = np.pi * cap_height**2 * (3 * radius - cap_height) / 3
    found = measure(sphere(radius, rings=60))
    assert found.support_mm3 == pytest.approx(cylinder - cap, rel=0.06)
    assert {"unsteady", "little-bed-contact", "overhang"} <= codes(found)
    assert "falls-over" not in codes(found)


def test_a_cube_leaning_too_far_falls_over():
    said = finding(measure(leaning(box(), 3)), "falls-over")
    assert (said.severity, said.place.low) == ("problem", (40, 10, 10))
    assert "20.0 mm outside" in said.message


def test_a_cube_leaning_a_little_stands():
    found = measure(leaning(box(), 0.5))
    assert (found.balance_um, "falls-over" in codes(found)) == (5_000, False)


def test_the_centre_of_mass_is_in_the_files_own_coordinates():
    assert measure(box(10, 20, 30, at=(100, -50, 7))).centre_mm == pytest.approx((105, -40, 22))
    assert measure(inside_out(box(at=(5, 5, 5)))).centre_mm == pytest.approx((15, 15, 15))


def test_a_tall_pole_is_better_laid_down_and_told_why():
    found = measure(box(5, 6, 100))
    assert "tall-and-thin" in codes(found)
    assert found.turning.down == (-1, 0, 0)
    assert found.turning.height_um == 5_000
    words = finding(found, "better-orientation").message
    assert "on its left side" in words
    assert "600 instead of 30 mm² flat on the bed" in words


def test_a_tee_prints_best_lying_without_support():
    turning = measure(tee()).turning
    assert (turning.support_mm3, turning.support_now_mm3) == (0, 3200)
    assert turning.down[1] in {-1, 1}


def test_a_tee_on_its_head_needs_no_words():
    assert measure(tee() * [1, -1, -1]).turning is None


@given(
    st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda axis: np.linalg.norm(axis) > 0.1), st.floats(0.4, 2.7)
)
@settings(max_examples=15, deadline=None)
@example((0.0, 1.0, 0.0078125), 0.5)  # a face all but along an axis
def test_however_a_tee_is_turned_a_way_without_support_is_found(axis, angle):
    found = measure(turned(tee(), axis, angle))
    now = found.turning.support_mm3 if found.turning else found.support_mm3
    assert now == pytest.approx(0, abs=1)


def test_a_box_on_a_corner_is_laid_on_a_face():
    found = measure(turned(box(20, 20, 20), (1, -1, 0), np.arccos(1 / np.sqrt(3))))
    assert "little-bed-contact" in codes(found)
    assert found.turning.contact_mm2 == pytest.approx(400, rel=1e-3)
