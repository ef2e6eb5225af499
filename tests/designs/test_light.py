"""What bidders look at: a coarse shape that is not the original's, and files that say nothing else."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from marketplace.designs.mesh.angles import ANGLES, angle_file, light_file
from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.look import look_write
from marketplace.designs.mesh.shape import CELLS, FEWEST, Shape, coarser, shape_of
from tests.factories.models import BRACKET, box

SIZES = st.floats(0.5, 300)


def coarse(triangles) -> np.ndarray:
    """Triangles (n, 3, 3) as bidders see them."""
    found = coarser(shape_of(triangles))
    return found.points[found.faces]


def corners(triangles) -> np.ndarray:
    return np.unique(np.asarray(triangles, float).reshape(-1, 3), axis=0)


def middle(triangles) -> np.ndarray:
    points = corners(triangles)
    return (points.min(axis=0) + points.max(axis=0)) / 2


def apart(triangles) -> tuple[np.ndarray, float]:
    """How far each corner of a model is from the nearest one of the coarse model, and a cell, in mm."""
    points = corners(triangles)
    found, _ = cKDTree(corners(coarse(triangles))).query(points - middle(triangles))
    extent = np.ptp(points, axis=0)
    return found, float((extent / np.ceil(extent / extent.max() * CELLS).clip(FEWEST)).max())


@given(SIZES, SIZES, SIZES, st.floats(-500, 500))
def test_no_corner_is_the_originals_and_none_is_far(x, y, z, moved):
    far, cell = apart(np.asarray(box(x, y, z), float) + moved)
    assert far.min() > cell * 0.4
    assert far.max() < cell * 2


def test_a_real_part_is_known_again_and_not_the_same():
    bracket = np.asarray(load(BRACKET, Limits()), float)
    far, cell = apart(bracket)
    assert np.median(far) > cell * 0.3
    assert far.max() < cell * 2
    made = coarse(bracket)
    assert len(bracket) / 2 < len(made) < len(bracket)
    np.testing.assert_allclose(np.ptp(corners(made), axis=0), np.ptp(corners(bracket), axis=0), atol=cell * 2)


@pytest.mark.parametrize("triangles", [np.zeros((1, 3, 3)), np.ones((2, 3, 3))])
def test_what_is_nothing_is_still_a_facet(triangles):
    found = coarser(
        Shape(triangles.reshape(-1, 3), np.arange(triangles.size // 3).reshape(-1, 3), np.zeros(3))
    )
    assert len(found.faces) == 1
    assert np.isfinite(found.points).all()


def glb_head(data: bytes) -> dict:
    return json.loads(data[20 : 20 + struct.unpack("<I", data[12:16])[0]])


def test_the_files_hold_nothing_but_what_is_seen(tmp_path: Path):
    moved = np.asarray(box(30, 20, 10), float) + 1000
    look_write(shape_of(moved), tmp_path / "picture.png")
    described = glb_head(light_file(tmp_path / "picture.png").read_bytes())
    assert set(described) == {
        "asset",
        "scene",
        "scenes",
        "nodes",
        "meshes",
        "accessors",
        "bufferViews",
        "buffers",
    }
    assert described["asset"] == {"version": "2.0"}
    assert np.abs(described["nodes"][1]["translation"]).max() < 1, "where it lay is not told"
    for angle in ANGLES:
        data = angle_file(tmp_path / "picture.png", angle).read_bytes()
        kinds, at = set(), 8
        while at < len(data):
            (length,) = struct.unpack(">I", data[at : at + 4])
            kinds.add(data[at + 4 : at + 8])
            at += 12 + length
        assert kinds == {b"IHDR", b"IDAT", b"IEND"}
