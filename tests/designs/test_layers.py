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
from tests.factories.tricky import slope

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
    # From 36 mm/s to 8 and back at 1000 mm/s2, for each of four corners.
    assert square.outer_brake_s == pytest.approx(4 * 28**2 / 36_000, rel=0.01)
    assert square.second_brake_s > square.outer_brake_s
    assert circle.outer_brake_s < 0.01


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


def test_a_pillar_that_is_as_wide_as_two_lines_has_no_second_wall():
    thin, thick = (layers(box(side, side, 20)).bands[16] for side in (0.9, 4))
    assert (thin.second_mm, thin.inner_mm2) == (0, 0)
    assert 0 < thick.second_mm < thick.outer_mm < thick.perimeter_mm


def test_holes_belong_to_the_island_around_them():
    ring = np.concatenate([box(12, 12, 20), np.add(box(8, 8, 20), (2, 2, 0))[:, ::-1]])
    alone = layers(ring).bands[16]
    both = layers(np.concatenate([ring, np.add(box(4, 4, 20), (30, 0, 0))])).bands[16]
    pillar = layers(box(4, 4, 20)).bands[16]
    assert both.inner_mm2 == pytest.approx(alone.inner_mm2 + pillar.inner_mm2)
    assert both.second_mm == pytest.approx(alone.second_mm + pillar.second_mm)


def test_support_stands_under_a_table_and_touches_it_from_below():
    table = np.concatenate([box(6, 6, 20), np.add(box(40, 40, 2), (-17, -17, 20))])
    found = measure(table).layers
    under, above = found.bands[4], found.bands[-1]
    assert 1200 < under.support_mm2 < 2000
    assert under.support_edge_mm > 4 * 40
    assert above.support_mm2 == 0
    assert found.contact_mm2[-1] > 1200
    assert sum(found.contact_mm2[:-1]) == found.resting_mm2 == 0


@pytest.mark.parametrize(("lean", "flat"), [(20, True), (6, False), (1, False), (0.3, None)])
def test_skin_is_told_apart_by_how_far_it_leans(lean, flat):
    rise = 40 / lean
    wedge = box(40, 40, 1)
    top = wedge[:, :, 2] == 1
    wedge[:, :, 2] = np.where(top, 1 + rise * wedge[:, :, 0] / 40, 0)
    bands = layers(wedge).bands[BANDS // 2 :]
    leaning = sum(band.sloped_mm2 + band.steep_mm2 for band in bands)
    assert (leaning > 0) == (flat is False)


@pytest.mark.parametrize(("degrees", "supported"), [(44, False), (45, True), (50, True)])
def test_estimates_count_support_where_slicers_lay_it(degrees, supported):
    """A slope of exactly 45 degrees is no overhang to warn of; slicers told of 45 degrees support it."""
    measured = measure(slope(degrees))
    assert measured.layers is not None
    assert (sum(measured.layers.contact_mm2) > 0) == supported
    assert (measured.overhang_mm2 > 0) == (degrees > 45)


def test_layers_outlive_the_database():
    measured = measure(box(10, 20, 30))
    assert isinstance(measured.layers, Layers)
    assert Measurement.from_json(measured.to_json()).layers == measured.layers


def test_bands_of_the_first_kind_said_too_little():
    members = measure(box(10, 20, 30)).to_json()
    members["layers"]["bands"] = [[200.0, 60.0, 146.0, 0.0, 1.0, 0.0, 4.0]] * BANDS
    del members["layers"]["contact_mm2"]
    assert Measurement.from_json(members).layers is None


def test_what_was_measured_before_has_none():
    members = measure(box(10, 20, 30)).to_json()
    del members["layers"]
    assert Measurement.from_json(members).layers is None
