"""Cross-sections summed over facets agree with what a shape's formula says, and with the whole model."""

import numpy as np
import pytest

from benchmarks.mesh.models import ball
from marketplace.designs.mesh.layers import Layers
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.mesh.sections import BANDS, layers_of
from marketplace.designs.mesh.surface import surface_of
from tests.factories.models import box

NONE = np.zeros(0, dtype=np.int64)


def layers(triangles):
    return layers_of(surface_of(triangles)[0], NONE)


def test_a_box_is_the_same_all_the_way_up():
    found = layers(box(40, 30, 20)).bands
    assert len(found) == BANDS
    for band in found:
        assert (band.area_mm2, band.perimeter_mm) == (pytest.approx(1200), pytest.approx(140))
        assert band.inner_mm2 == pytest.approx(1200 - 140 * 0.9, rel=0.01)
        assert band.loops == 1
    assert found[0].solid_mm2 == pytest.approx(found[0].inner_mm2)
    assert found[BANDS // 2].solid_mm2 == 0


def test_four_corners_brake_the_head_and_a_circle_does_not():
    square, circle = layers(box(40, 40, 20)).bands[9], layers(ball(20_000)).bands[16]
    assert 2 < square.corners <= 4
    assert circle.corners < 0.1


@pytest.mark.parametrize("facets", [200, 20_000])
def test_bands_add_up_to_the_volume(facets):
    triangles = ball(facets)
    found, volume = layers(triangles), measure(triangles).volume_mm3
    height = np.ptp(triangles[:, :, 2])
    assert sum(band.area_mm2 for band in found.bands) * height / BANDS == pytest.approx(volume, rel=1e-3)


def test_two_islands_are_two_loops_and_small_ones_are_filled():
    apart = np.concatenate([box(6, 6, 20), np.add(box(6, 6, 20), (20, 0, 0))])
    band = layers(apart).bands[BANDS // 2]
    assert band.loops == 2
    assert band.solid_mm2 == pytest.approx(band.inner_mm2) != 0


def test_layers_outlive_the_database():
    measured = measure(box(10, 20, 30))
    assert isinstance(measured.layers, Layers)
    assert Measurement.from_json(measured.to_json()).layers == measured.layers


def test_what_was_measured_before_has_none():
    members = measure(box(10, 20, 30)).to_json()
    del members["layers"]
    assert Measurement.from_json(members).layers is None
