"""Bodies that face the wrong way, lie within others, or are there twice."""

import numpy as np
import pytest

from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import ModelRefused
from tests.designs.findings import codes, finding
from tests.factories.models import box, sphere
from tests.factories.shapes import hollow_box, inside_out


def test_a_hollow_is_a_cavity_and_no_inverted_body():
    found = measure(hollow_box(20, 2))
    assert (found.cavities, found.inverted_bodies, found.swallowed_bodies) == (1, 0, 0)
    assert found.volume_mm3 == pytest.approx(20**3 - 16**3)


def test_a_body_in_a_hollow_is_just_a_body():
    found = measure(np.concatenate([hollow_box(40, 5), sphere(5) + 20]))
    assert (found.cavities, found.inverted_bodies, found.swallowed_bodies) == (1, 0, 0)


def test_an_inverted_cube_alone_is_turned_right():
    found = measure(inside_out(box()))
    assert (found.inside_out, found.volume_mm3, found.inverted_bodies) == (True, 8000, 0)
    assert codes(found) == {"inside-out"}


def test_an_inverted_cube_beside_another_is_a_problem_with_a_place():
    found = measure(np.concatenate([box(), inside_out(box(5, 5, 5, at=(30, 0, 0)))]))
    said = finding(found, "inverted-shell")
    assert (said.severity, said.place.low, said.place.high) == ("problem", (30, 0, 0), (35, 5, 5))
    assert "normals" in said.advice


def test_a_cube_inside_another_is_swallowed():
    found = measure(np.concatenate([box(), box(5, 5, 5, at=(5, 5, 5))]))
    assert found.swallowed_bodies == 1
    assert finding(found, "swallowed-shell").place.low == (5, 5, 5)


def test_a_body_that_is_there_twice_is_measured_once():
    found = measure(np.concatenate([box(), sphere(5) + 50, box()]))
    alone = measure(np.concatenate([box(), sphere(5) + 50]))
    assert (found.volume_mm3, found.triangles, found.bodies) == (alone.volume_mm3, alone.triangles, 2)
    assert (found.duplicate_bodies, found.duplicate_triangles, found.watertight) == (1, 12, True)
    assert finding(found, "duplicate-shell").place.high == (20, 20, 20)


def test_single_facets_that_are_there_twice_are_told_from_bodies():
    found = measure(np.concatenate([box(), box()[:2]]))
    assert (found.duplicate_bodies, found.duplicate_triangles) == (0, 2)
    assert "duplicate-facets" in codes(found)


def test_the_place_of_a_hole_is_its_rim():
    place = finding(measure(box()[:-2]), "not-watertight").place
    assert (place.low, place.high) == ((0, 0, 20), (20, 20, 20))


def test_hundreds_of_bodies_are_judged_together():
    grid = [box(2, 2, 2, at=(3 * x, 3 * y, 0)) for x in range(20) for y in range(20)]
    grid[7] = inside_out(grid[7])
    found = measure(np.concatenate(grid))
    assert (found.bodies, found.inverted_bodies, found.self_intersections) == (400, 1, 0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300, -1e30, 1e10])
def test_hostile_numbers_are_refused_by_name(value):
    facets = box()
    facets[3, 1, 2] = value
    with pytest.raises(ModelRefused) as refused:
        measure(facets)
    assert refused.value.reason.code == "broken-coordinates"


def test_no_facets_at_all_are_refused_by_name():
    with pytest.raises(ModelRefused):
        measure(np.empty((0, 3, 3)))
