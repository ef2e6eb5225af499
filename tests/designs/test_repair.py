"""What a repair makes of broken shapes of known volume; and what it refuses, in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.repair import repair
from tests.factories.models import box, sphere

SIDES = st.integers(0, 5)
LENGTHS = st.tuples(*[st.floats(1, 200)] * 3)
PLACES = st.tuples(*[st.floats(-500, 500)] * 3)


def refusal(facets: np.ndarray) -> tuple[str, str]:
    with pytest.raises(ModelRefused) as refused:
        repair(facets)
    return refused.value.reason.code, refused.value.reason.message


def solid(facets: np.ndarray, volume: float, bodies: int = 1):
    """The repaired shape, measured as any upload: closed, consistent, of this volume."""
    found = repair(facets)
    seen = measure(found.triangles.astype(np.float32).astype(np.float64))
    assert (seen.watertight, seen.winding_consistent, seen.inside_out) == (True, True, False)
    # Measurements are kept to a thousandth of a mm³.
    assert seen.volume_mm3 == pytest.approx(volume, rel=1e-4, abs=0.0006)
    assert (seen.self_intersections, seen.inverted_bodies, seen.swallowed_bodies) == (0, 0, 0)
    assert seen.bodies == bodies
    return found


def strip(turns: int = 1, around: int = 40) -> np.ndarray:
    """A Möbius strip of triangles."""
    turn = np.linspace(0, 2 * np.pi, around, endpoint=False)
    half = turns * turn / 2
    way = np.stack([np.cos(half) * np.cos(turn), np.cos(half) * np.sin(turn), np.sin(half)], axis=1)
    middle = 20 * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    one, other = middle + 5 * way, middle - 5 * way
    after, last = np.roll(one, -1, axis=0), np.roll(other, -1, axis=0)
    after[-1], last[-1] = other[0], one[0]
    return np.concatenate([np.stack([one, after, other], axis=1), np.stack([other, after, last], axis=1)])


def test_what_is_sound_is_not_touched():
    assert refusal(box())[0] == "nothing-to-repair"


def test_a_surface_without_an_inside_is_refused():
    assert refusal(strip())[0] == "repair-failed"
    assert "Möbius" in refusal(strip())[1]


def test_a_sheet_is_refused():
    code, message = refusal(box()[:2])
    assert code == "repair-failed"
    assert message.startswith("Nothing of the surface encloses a volume")


def test_a_hole_without_a_plain_shape_is_refused_and_its_place_named():
    # A rim that crosses itself from wherever it is seen: a figure of eight wound around a sphere.
    ball = sphere(10, 24)
    centre = ball.mean(axis=1)
    angle = np.arctan2(centre[:, 1], centre[:, 0])
    torn = ball[np.abs(centre[:, 2] - 8 * np.sin(2 * angle)) > 2.5]
    with pytest.raises(ModelRefused) as refused:
        repair(torn)
    assert refused.value.reason.code == "repair-failed"
    assert refused.value.reason.message.endswith("upload the new file.")


@how(max_examples=40, deadline=None)
@given(LENGTHS, PLACES, st.sets(SIDES, min_size=1, max_size=1), st.booleans())
def test_a_box_with_a_side_removed_is_a_box_again(lengths, at, sides, half):
    gone = {2 * side for side in sides} | (set() if half else {2 * side + 1 for side in sides})
    found = solid(np.delete(box(*lengths, at=at), list(gone), axis=0), np.prod(lengths))
    assert found.done == ("Holes closed: 1",)


@how(max_examples=30, deadline=None)
@given(LENGTHS, st.sets(st.integers(0, 11), min_size=1, max_size=11))
def test_turned_facets_are_turned_back(lengths, turned):
    facets = box(*lengths)
    facets[list(turned)] = facets[list(turned)][:, ::-1]
    solid(facets, np.prod(lengths))


@how(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(-15, 15)] * 3), st.tuples(*[st.integers(5, 30)] * 3))
def test_two_overlapping_boxes_become_their_union(at, size):
    low, high = np.maximum(at, 0), np.minimum(np.add(at, size), 20)
    shared = float(np.prod(np.clip(high - low, 0, None)))
    facets = np.concatenate([box(), box(*size, at=at)])
    if shared == 0:
        return
    total = 8000 + float(np.prod(size)) - shared
    if at == (0, 0, 0) and size == (20, 20, 20):
        assert repair(facets).done == ("Facets that were there twice removed: 12",)
        return
    found = solid(facets, total)
    assert found.done[-1] == "Bodies united, so that none runs through or lies in another: 2"


def test_a_box_inside_out_is_turned():
    assert solid(box()[:, ::-1], 8000).done == ("Bodies turned outwards: 1",)


def test_an_inverted_neighbour_is_turned_and_a_cavity_is_kept():
    hollow = [box(), box(10, 10, 10, at=(5, 5, 5))[:, ::-1]]
    inverted = box(10, 10, 10, at=(40, 0, 0))[:, ::-1]
    found = solid(np.concatenate([*hollow, inverted]), 8000 - 1000 + 1000, bodies=3)
    assert found.done == ("Bodies turned outwards: 1",)


def test_a_cavity_is_still_hollow_after_its_body_is_united_with_another():
    hollow = [box(), box(10, 10, 10, at=(5, 5, 5))[:, ::-1]]
    overlapping = box(20, 20, 20, at=(18, 0, 0))
    solid(np.concatenate([*hollow, overlapping]), 8000 - 1000 + 8000 - 800, bodies=2)


def test_a_pipe_open_at_both_ends_stays_a_pipe():
    outer = np.delete(box(20, 20, 40), _caps(box(20, 20, 40)), axis=0)
    bore = box(10, 10, 40, at=(5, 5, 0))
    inner = np.delete(bore, _caps(bore), axis=0)[:, ::-1]
    found = repair(np.concatenate([outer, inner]))
    assert measure(found.triangles).volume_mm3 == pytest.approx(400 * 40 - 100 * 40, rel=1e-4)


def _caps(facets: np.ndarray) -> list[int]:
    level = np.ptp(facets[:, :, 2], axis=1) == 0
    return np.flatnonzero(level).tolist()


def test_a_swallowed_body_and_copies_and_scraps_are_gone():
    scrap = np.array([[[50.0, 0, 0], [55, 0, 0], [50, 5, 3]]])
    facets = np.concatenate([box(), box()[:4], box(5, 5, 5, at=(5, 5, 5)), scrap])
    found = solid(facets, 8000)
    assert [each.split(":")[0] for each in found.done] == [
        "Facets that were there twice removed",
        "Holes closed",
        "Scraps of surface without volume removed",
        "Bodies united, so that none runs through or lies in another",
    ]


def test_cracks_are_closed():
    facets = box(20, 20, 20)
    facets[:2] += 0.004
    solid(facets, 8000)
