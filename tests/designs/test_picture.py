"""Pictures show the model: not a blank, not always the same, and in time."""

import time

import numpy as np
import pytest
from PIL import Image

from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.picture import HEIGHT, WIDTH, render
from marketplace.designs.mesh.raster import NOTHING, rasterise
from tests.factories.models import BRACKET, box, sphere


def blue(picture: Image.Image) -> np.ndarray:
    """Where the model is: much bluer than the grey bed."""
    pixels = np.asarray(picture).astype(int)
    return pixels[:, :, 2] - pixels[:, :, 0] > 60


@pytest.mark.parametrize(
    "facets", [box(), sphere(), box(200, 5, 5), box(0.5, 0.5, 0.5), load(BRACKET, Limits())]
)
def test_a_model_fills_its_picture(facets):
    seen = blue(render(facets))
    assert seen.shape == (HEIGHT, WIDTH)
    assert 0.02 < seen.mean() < 0.7
    rows, columns = np.nonzero(seen)
    # All of it is inside, and it reaches far in one direction at least.
    assert rows.min() > 10
    assert rows.max() < HEIGHT - 10
    assert columns.min() > 10
    assert columns.max() < WIDTH - 10
    assert np.ptp(rows) > HEIGHT * 0.6 or np.ptp(columns) > WIDTH * 0.6


def test_different_models_look_different():
    one, other = (np.asarray(render(facets)).astype(int) for facets in (box(), sphere()))
    assert (np.abs(one - other).max(axis=2) > 30).mean() > 0.1


def test_place_and_scale_do_not_matter_but_shape_does():
    here, there = np.asarray(render(box())), np.asarray(render(box(at=(500, -300, 40))))
    assert np.abs(here.astype(int) - there.astype(int)).max() <= 2


def test_the_hole_of_the_bracket_is_seen_through():
    seen = blue(render(load(BRACKET, Limits())))
    row = seen[230]
    inside = np.flatnonzero(row)
    assert not row[inside.min() : inside.max()].all()


def test_an_inside_out_model_is_shown_all_the_same():
    assert blue(render(box()[:, ::-1])).mean() == pytest.approx(blue(render(box())).mean(), rel=0.1)


def test_the_nearer_facet_is_seen():
    near = np.array([[0, 0, 5], [9, 0, 5], [0, 9, 5]], dtype=float)
    far = near - np.array([0, 0, 3])
    assert rasterise(np.stack([far, near]), 10, 10).triangle[1, 1] == 1
    assert rasterise(np.stack([near, far]), 10, 10).triangle[1, 1] == 0
    assert rasterise(np.stack([near, far]), 10, 10).triangle[9, 9] == NOTHING


def test_neighbours_leave_no_gap():
    square = np.array([[0, 0, 0], [8, 0, 0], [8, 8, 0], [0, 8, 0]], dtype=float)
    halves = np.stack([square[[0, 1, 2]], square[[0, 2, 3]]])
    assert (rasterise(halves, 8, 8).triangle != NOTHING).all()


def test_a_facet_outside_or_edge_on_draws_nothing():
    outside = np.array([[[-9, -9, 0], [-5, -9, 0], [-9, -5, 0]]], dtype=float)
    edge_on = np.array([[[1, 1, 0], [5, 5, 1], [3, 3, 9]]], dtype=float)
    assert (rasterise(np.concatenate([outside, edge_on]), 8, 8).triangle == NOTHING).all()


def test_five_thousand_facets_take_about_a_second():
    facets = sphere(20, rings=36)
    start = time.process_time()
    render(facets)
    assert len(facets) > 5000
    assert time.process_time() - start < 4
