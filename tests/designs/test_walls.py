"""Walls, gaps and small things, against shapes of known thickness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.surface import surface_of
from marketplace.designs.mesh.thickness import walls
from marketplace.designs.mesh.tree import tree_of
from tests.designs.findings import codes, finding
from tests.factories.models import box, sphere
from tests.factories.shapes import hollow_box, leaning, tee, turned

angles = st.floats(0, 6.28)
axes = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda axis: np.linalg.norm(axis) > 0.1)


def test_a_cube_is_as_thick_as_it_is_long():
    found = measure(box(20, 30, 40))
    assert (found.thinnest_um, found.gap_um) == (20_000, None)


@pytest.mark.parametrize(
    ("wall", "code"), [(0.3, "wall-below-nozzle"), (0.4, "thin-wall"), (0.79, "thin-wall")]
)
def test_the_wall_of_a_hollow_box_is_found_and_judged_by_the_nozzle(wall, code):
    found = measure(hollow_box(wall=wall))
    assert found.thinnest_um == round(wall * 1000)
    assert codes(found) & {"thin-wall", "wall-below-nozzle"} == {code}
    assert f"{wall:.2f} mm" in finding(found, code).message


def test_a_wall_of_two_lines_needs_no_words():
    assert not codes(measure(hollow_box(wall=0.8))) & {"thin-wall", "wall-below-nozzle"}


def test_a_finer_nozzle_prints_a_thinner_wall():
    assert "thin-wall" not in codes(measure(hollow_box(wall=0.4), nozzle_um=200))


def test_the_place_of_a_thin_wall_is_the_wall():
    facets = np.concatenate([box(20, 20, 5), box(0.5, 20, 30, at=(50, 0, 0))])
    place = finding(measure(facets), "thin-wall").place
    assert place.low[0] == place.high[0] == pytest.approx(50.25, abs=1e-3)
    assert 0 <= place.low[2] < place.high[2] <= 30


def test_a_sphere_is_as_thick_as_its_diameter():
    assert measure(sphere(10, rings=60)).thinnest_um == pytest.approx(20_000, rel=0.01)


def test_the_sharp_edge_of_a_wedge_is_no_wall():
    assert measure(leaning(box(), 1.0)).thinnest_um > 10_000


def test_a_gap_that_will_fuse_is_found_with_its_place():
    found = measure(np.concatenate([box(), box(at=(20.2, 0, 0))]))
    assert found.gap_um == 200
    assert finding(found, "narrow-gap").place.low[0] == pytest.approx(20.1, abs=1e-3)


def test_a_gap_wider_than_the_nozzle_needs_no_words():
    found = measure(np.concatenate([box(), box(at=(20.5, 0, 0))]))
    assert (found.gap_um, "narrow-gap" in codes(found)) == (500, False)


def test_a_speck_is_told_from_a_part():
    found = measure(np.concatenate([box(), box(0.2, 0.2, 0.2, at=(40, 5, 0))]))
    assert found.smallest_body_um == 200
    assert finding(found, "tiny-bodies").place.low == pytest.approx((40, 5, 0))


@given(axes, angles)
@settings(max_examples=15, deadline=None)
def test_turning_a_model_changes_neither_its_volume_nor_its_walls(axis, angle):
    found, other = measure(tee()), measure(turned(tee(), axis, angle))
    assert other.volume_mm3 == pytest.approx(found.volume_mm3, rel=1e-6)
    assert other.area_mm2 == pytest.approx(found.area_mm2, rel=1e-6)
    assert other.thinnest_um == pytest.approx(found.thinnest_um, abs=1)
    assert (other.watertight, other.bodies, other.self_intersections) == (True, 1, 0)


@given(st.floats(0.2, 30))
@settings(max_examples=15, deadline=None)
def test_scaling_a_model_scales_what_is_measured(factor):
    found, other = measure(tee()), measure(tee() * factor)
    assert other.volume_mm3 == pytest.approx(found.volume_mm3 * factor**3, rel=1e-4)
    assert other.thinnest_um == pytest.approx(found.thinnest_um * factor, rel=1e-3)
    assert other.balance_um == pytest.approx(found.balance_um * factor, rel=1e-3, abs=1)


@given(st.floats(0.05, 9), st.floats(1, 60))
@settings(max_examples=25, deadline=None)
def test_every_hollow_box_has_the_wall_it_was_made_with(wall, size):
    surface, _ = surface_of(hollow_box(size + 2 * wall, wall))
    assert walls(surface, tree_of(surface), rays=200).smallest == pytest.approx(wall, rel=1e-3)
