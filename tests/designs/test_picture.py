"""Pictures show the model: not a blank, not always the same, and in time."""

import time

import numpy as np
import pytest
from PIL import Image

from marketplace.designs.mesh import measure_file
from marketplace.designs.mesh.angles import ANGLES
from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.picture import HEIGHT, WIDTH, Scene, render
from marketplace.designs.mesh.raster import NOTHING, rasterise
from marketplace.designs.mesh.shape import shape_of
from tests.factories.models import BRACKET, box, sphere, stl
from tests.factories.shapes import tee
from tests.factories.tricky import torus


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


@pytest.mark.parametrize("facets", [box(), sphere(), tee(), torus(), load(BRACKET, Limits())])
@pytest.mark.parametrize("angle", ANGLES)
def test_what_faces_away_may_be_left_out_of_a_sound_model(facets, angle):
    whole = np.asarray(Scene(shape_of(facets)).seen(angle)[0]).astype(int)
    for outside, turned in ((1, facets), (-1, facets[:, ::-1])):
        fewer = np.asarray(Scene(shape_of(turned), outside).seen(angle)[0]).astype(int)
        # The outline may differ by a sample: an edge seen from both sides belongs to either.
        assert (np.abs(fewer - whole).max(axis=2) > 60).mean() < 0.001


@pytest.mark.parametrize(
    ("facets", "outside"),
    [
        (box(), 1),
        (box()[:, ::-1], -1),
        (box()[:-2], 0),
        (np.concatenate([box(), box(5, 5, 5, at=(40, 0, 0))[:, ::-1]]), 0),
        (np.concatenate([box(), box(at=(10, 5, 7))]), 0),
    ],
    ids=["sound", "inside out", "no lid", "one of two inside out", "crossing"],
)
def test_nothing_is_left_out_where_the_outside_is_in_doubt(facets, outside, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(measure_file, "look_write", lambda *arguments: told.append(arguments[2]))
    (tmp_path / "model.stl").write_bytes(stl(facets))
    assert "measurement" in measure_file.measured(tmp_path / "model.stl", tmp_path / "picture.png")
    assert told == [outside]


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
