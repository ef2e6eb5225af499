"""Estimates grow with what is asked for, stay within the model's volume, and are served over REST."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.designs.mesh.estimate import (
    Settings,
    Slice,
    Wanted,
    estimate,
    expected_copy,
    what_if,
)
from marketplace.designs.mesh.fitted import FACTORS
from marketplace.designs.mesh.materials import DENSITIES, MaterialClass
from marketplace.designs.mesh.measurement import Measurement

HOW = Settings("PLA", 200, 20)


def box_of(x: float, y: float, z: float) -> Measurement:
    return Measurement(
        volume_mm3=x * y * z,
        area_mm2=2 * (x * y + y * z + z * x),
        size_um=(round(x * 1000), round(y * 1000), round(z * 1000)),
        triangles=12,
        watertight=True,
        winding_consistent=True,
        bodies=1,
        overhang_mm2=0,
        bed_contact_mm2=x * y,
        wall_mm2=2 * (x + y) * z,
        top_mm2=x * y,
        bottom_mm2=x * y,
        degenerate_triangles=0,
        inside_out=False,
    )


lengths = st.floats(1, 300)
boxes = st.builds(box_of, lengths, lengths, lengths)
ways = st.builds(Settings, st.sampled_from(sorted(DENSITIES)), st.integers(50, 400), st.integers(0, 100))
factors = st.floats(1.01, 5)


def cost(found):
    return found.print_seconds, found.grams, found.price_low, found.price_high


@given(boxes, ways, st.integers(1, 500), st.integers(1, 500))
def test_more_units_never_cost_less(model, how, few, more):
    less, most = (estimate([Wanted(model, 1, how)], quantity) for quantity in (few, few + more))
    assert all(one <= other for one, other in zip(cost(less), cost(most), strict=True))
    assert less.price_low < most.price_high


@given(lengths, lengths, lengths, factors, ways)
def test_a_larger_model_never_costs_less(x, y, z, factor, how):
    small = estimate([Wanted(box_of(x, y, z), 1, how)], 1)
    large = estimate([Wanted(box_of(x * factor, y * factor, z * factor), 1, how)], 1)
    assert all(one <= other for one, other in zip(cost(small), cost(large), strict=True))


# What is filled altogether is laid like skin, which is faster: 100 % is no more of the same.
@given(boxes, ways, st.integers(0, 98))
def test_more_infill_never_costs_less(model, how, infill):
    thin = dataclasses.replace(how, infill_percent=infill)
    dense = dataclasses.replace(how, infill_percent=infill + 1)
    one, other = (estimate([Wanted(model, 1, each)], 1) for each in (thin, dense))
    assert (one.print_seconds, one.grams) <= (other.print_seconds, other.grams)


@given(boxes, ways)
def test_what_is_extruded_is_about_the_volume_at_most(model, how):
    copy, _ = expected_copy(Wanted(model, 1, how))
    skirt = ((model.size_um[0] + model.size_um[1]) / 500 + 24) * 0.1
    assert 0 < copy.mm3 <= model.volume_mm3 * 1.15 + skirt


slices = st.builds(
    Slice,
    st.integers(50, 400),
    st.integers(0, 100),
    st.integers(60, 200_000),
    st.floats(100, 1e6),
    st.sampled_from(MaterialClass),
    st.sampled_from(sorted(FACTORS)),
)


@given(boxes, ways, slices)
def test_a_slice_with_the_settings_asked_for_is_what_counts(model, how, found):
    material = "TPU" if found.material_class is MaterialClass.FLEXIBLE else "PETG"
    same = Settings(material, found.layer_um, found.infill_percent)
    copy, source = expected_copy(Wanted(model, 1, same, (found,)))
    assert (copy, source) == (found.copy, "sliced")
    if found.slicer == "prusa-slicer":
        assert (copy.seconds, copy.mm3) == (found.seconds, found.mm3)


@given(boxes, ways, slices)
def test_a_slice_for_another_class_of_material_corrects_alone(model, how, found):
    material = "PLA" if found.material_class is MaterialClass.FLEXIBLE else "TPU"
    other = Settings(material, found.layer_um, found.infill_percent)
    assert expected_copy(Wanted(model, 1, other, (found,)))[1] == "scaled"
    exact = dataclasses.replace(
        found, layer_um=how.layer_um, infill_percent=how.infill_percent, material_class=how.material_class
    )
    assert expected_copy(Wanted(model, 1, how, (found, exact)))[1] == "sliced"


@given(boxes, st.integers(50, 400), st.integers(0, 100))
def test_what_is_soft_takes_no_less_time_and_as_much_plastic(model, layer, infill):
    hard, soft = (
        expected_copy(Wanted(model, 1, Settings(each, layer, infill)))[0] for each in ("PLA", "TPU")
    )
    assert soft.seconds >= hard.seconds
    assert soft.mm3 == hard.mm3


@given(boxes, ways, slices)
def test_a_slice_with_other_settings_corrects_geometry(model, how, found):
    plain, by_geometry = expected_copy(Wanted(model, 1, how))
    doubled = dataclasses.replace(found, seconds=found.seconds * 2)
    one, other = (expected_copy(Wanted(model, 1, how, (each,))) for each in (found, doubled))
    assert by_geometry == "geometry"
    if one[1] == "scaled":
        assert other[0].seconds == pytest.approx(one[0].seconds * 2)
        assert one[0].mm3 / plain.mm3 > 0


@given(boxes, ways, st.integers(1, 20))
def test_what_is_likely_lies_in_its_range(model, how, quantity):
    found = estimate([Wanted(model, 1, how)], quantity)
    assert found.seconds_low < found.print_seconds < found.seconds_high
    assert found.grams_low <= found.grams <= found.grams_high
    assert found.error_percent > 0


@given(boxes, ways, st.floats(0.5, 1), st.floats(1, 2))
def test_a_slower_printer_takes_longer(model, how, quick, slow):
    one, other = (estimate([Wanted(model, 1, how)], 1, pace=pace) for pace in (quick, slow))
    assert one.print_seconds <= other.print_seconds
    assert one.grams == other.grams


def test_the_table_has_every_material_in_every_quality():
    rows = what_if(Wanted(box_of(40, 30, 20), 1, HOW))
    assert [material for material, _ in rows] == list(DENSITIES)
    for _, row in rows:
        draft, standard, fine = (expected for _, expected in row)
        assert draft.print_seconds < standard.print_seconds < fine.print_seconds


@given(boxes, ways, st.integers(1, 20))
def test_copies_cost_as_much_as_parts(model, how, copies):
    together = estimate([Wanted(model, copies, how)], 1)
    apart = estimate([Wanted(model, 1, how)] * copies, 1)
    assert together.print_seconds == pytest.approx(apart.print_seconds, abs=1)
    assert together.grams == pytest.approx(apart.grams, abs=0.01)


@given(boxes, ways)
def test_the_price_range_is_a_range(model, how):
    found = estimate([Wanted(model, 1, how)], 1)
    assert 0 < found.price_low < found.price_high
    assert found.to_json()["price_low"] == str(found.price_low)


def test_finer_layers_take_longer():
    model = box_of(40, 30, 20)
    fine, coarse = (estimate([Wanted(model, 1, Settings("PLA", layer, 20))], 1) for layer in (100, 300))
    assert fine.print_seconds > 2 * coarse.print_seconds


@pytest.mark.django_db
def test_a_design_that_is_not_measured_has_no_estimate(upload, client_of, ada):
    design = upload(ada).json()["id"]
    refused = client_of(ada).get(f"/api/v1/designs/{design}/estimate")
    assert (refused.status_code, refused.json()["code"]) == (409, "design-not-measured")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("material=cheese", "material"),
        ("layer_um=5", "layer_um"),
        ("infill_percent=101", "infill_percent"),
        ("quantity=0", "quantity"),
    ],
)
def test_what_cannot_be_printed_is_refused_by_field(query, field, measured, client_of, ada):
    refused = client_of(ada).get(f"/api/v1/designs/{measured(ada).pk}/estimate?{query}")
    assert refused.status_code == 400
    assert list(refused.json()["fields"]) == [field]


@pytest.mark.django_db
def test_the_estimate_of_a_measured_design(measured, client_of, ada):
    design = measured(ada)
    found = (
        client_of(ada)
        .get(f"/api/v1/designs/{design.pk}/estimate?material=PETG&layer_um=200&infill_percent=20&quantity=2")
        .json()
    )
    assert 4 < found["grams"] < 10
    assert 1200 < found["print_seconds"] < 6000
    assert 0 < int(found["price_low"]) < int(found["price_high"])
    assert "slic" in found["basis"]
