"""Facets that run through one another, against pairs found one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.designs.mesh.intersections import intersections_of
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.repair import repair
from marketplace.designs.mesh.surface import surface_of
from marketplace.designs.mesh.tree import touching, tree_of
from marketplace.designs.rules import is_repairable
from tests.designs.findings import codes, finding
from tests.factories.models import BRACKET, box, sphere
from tests.factories.shapes import eight, tee, terrain, turned

UNLIMITED = 10**9


def crossed(facets, limit=UNLIMITED):
    surface, _ = surface_of(facets)
    return intersections_of(surface, tree_of(surface), limit)


def test_two_overlapping_cubes_cross_where_they_overlap():
    found = measure(np.concatenate([box(), box(at=(10, 5, 7))]))
    assert (found.self_intersections, found.intersections_complete) == (12, True)
    place = finding(found, "self-intersection").place
    assert (place.low, place.high) == ((10, 5, 7), (20, 20, 20))


def test_cubes_that_overlap_in_the_same_planes_cover_one_another():
    assert crossed(np.concatenate([box(), box(at=(10, 0, 0))])).pairs > 0


@pytest.mark.parametrize("at", [(20, 0, 0), (20, 20, 0), (20, 20, 20), (20, 5, 5), (40, 0, 0)])
def test_cubes_that_only_touch_do_not_cross(at):
    assert crossed(np.concatenate([box(), box(at=at)])).pairs == 0


@pytest.mark.parametrize(
    "facets", [box(), sphere(), tee(), terrain(20)], ids=["box", "sphere", "tee", "terrain"]
)
def test_sound_models_do_not_cross_themselves(facets):
    found = crossed(turned(facets, (1, 2, 3), 0.7))
    assert (found.pairs, found.complete) == (0, True)


def test_a_vertex_pushed_through_the_other_side_crosses():
    facets = sphere(10)
    tip = np.abs(facets - [0, 0, 10]).sum(axis=2) < 1e-9
    facets[tip] = [0, 0, -15]
    assert crossed(facets).pairs > 0


def test_a_facet_that_shares_a_point_may_still_cross():
    one = [[0, 0, 0], [10, 0, 0], [0, 10, 0]]
    other = [[0, 0, 0], [5, 5, 4], [5, 4, -4]]
    far = box(1, 1, 1, at=(30, 30, 30))
    assert crossed(np.concatenate([np.array([one, other], dtype=float), far])).pairs == 1


def test_of_too_many_pairs_a_selection_is_compared_and_said_to_be_one():
    found = crossed(np.concatenate([sphere(10), sphere(10) + np.array([7, 3, 1])]), limit=2_000)
    assert (found.complete, found.pairs > 0) == (False, True)


def test_200_000_facets_are_compared_completely():
    surface, _ = surface_of(terrain(222))
    assert len(surface.faces) > 198_000
    assert intersections_of(surface, tree_of(surface)).complete


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_the_tree_finds_every_pair_of_touching_boxes(seed, count):
    random = np.random.default_rng(seed)
    facets = random.uniform(0, 100, (count, 1, 3)) + random.normal(0, 10, (count, 3, 3)) * random.uniform(
        0.01, 2
    )
    surface, _ = surface_of(facets)
    corners = surface.points[surface.faces]
    low, high = corners.min(axis=1), corners.max(axis=1)
    meets = (low[:, None] <= high[None]).all(axis=2) & (low[None] <= high[:, None]).all(axis=2)
    expected = {(one, other) for one, other in np.argwhere(meets).tolist() if one < other}
    found = touching(tree_of(surface), UNLIMITED)
    pairs = {tuple(sorted(pair)) for pair in zip(found.first.tolist(), found.second.tolist(), strict=True)}
    assert expected <= pairs
    assert len(found.first) == len(pairs)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_two_random_facets_cross_exactly_when_an_edge_of_one_pierces_the_other(seed):
    facets = np.random.default_rng(seed).uniform(-10, 10, (2, 3, 3))
    pierced = any(
        _pierces(first[edge], first[(edge + 1) % 3], second)
        for first, second in (facets, facets[::-1])
        for edge in range(3)
    )
    assert bool(crossed(facets).pairs) == pierced


def _pierces(start, end, facet) -> bool:
    def side(a, b, c, d) -> bool:
        return bool(np.linalg.det([b - a, c - a, d - a]) > 0)

    a, b, c = facet
    apart = side(a, b, c, start) != side(a, b, c, end)
    turns = {side(start, end, a, b), side(start, end, b, c), side(start, end, c, a)}
    return apart and len(turns) == 1


def test_the_demos_bracket_does_not_cross_itself():
    from marketplace.designs.mesh.load import Limits, load

    assert "self-intersection" not in codes(measure(load(BRACKET, Limits())))


def test_one_body_that_runs_through_itself_is_told_what_to_do_and_bodies_that_overlap_are_repaired():
    """No repair is offered that would be refused."""
    found = measure(eight())
    assert (found.watertight, found.bodies) == (True, 1)
    assert found.volume_mm3 > 0
    told = finding(found, "self-intersection")
    assert told.advice.startswith("It is one body that folds through itself")
    assert not is_repairable(codes(found), found.bodies)
    with pytest.raises(ModelRefused) as refused:
        repair(eight())
    assert refused.value.reason.code == "nothing-to-repair"
    assert "split the body where it folds over itself" in refused.value.reason.message

    overlapping = np.concatenate([box(20, 20, 20), box(20, 20, 20, at=(10, 10, 10))])
    found = measure(overlapping)
    assert found.bodies == 2
    assert finding(found, "self-intersection").advice.startswith("Have it repaired here")
    assert is_repairable(codes(found), found.bodies)
    assert measure(repair(overlapping).triangles).volume_mm3 == pytest.approx(15_000)
