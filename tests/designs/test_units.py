"""The guess about a model's unit: pure, offered with its reason, and silent where there is no evidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.designs.mesh.formats.units import Unit, units_guess


@pytest.mark.parametrize(
    "size", [(20, 20, 20), (10, 10, 10), (8, 5, 2), (12.7, 40, 3), (150, 150, 0.4), (0, 0, 0)]
)
def test_an_ordinary_part_is_not_doubted(size):
    assert units_guess(size, Unit.MILLIMETRE, stated=False) is None


@pytest.mark.parametrize(
    ("size", "unit"),
    [
        ((2, 1.5, 0.25), Unit.INCH),
        ((4, 3, 0.125), Unit.INCH),
        ((0.08, 0.05, 0.02), Unit.METRE),
        ((1.7, 0.9, 0.31), Unit.INCH),
    ],
)
def test_what_is_too_small_or_in_sixteenths_is_offered(size, unit):
    guess = units_guess(size, Unit.MILLIMETRE, stated=False)
    assert guess is not None
    assert guess.unit is unit
    assert guess.reason.endswith(".")


def test_millimetres_written_into_a_format_of_metres():
    assert units_guess((20, 20, 20), Unit.METRE, stated=True).unit is Unit.MILLIMETRE


@given(st.tuples(*[st.floats(20, 300)] * 3), st.booleans())
def test_never_within_the_usual_sizes(size, stated):
    assert units_guess(size, Unit.MILLIMETRE, stated=stated) is None


@given(st.tuples(*[st.floats(0, 1e12)] * 3), st.sampled_from(list(Unit)), st.booleans())
def test_a_guess_is_another_unit_and_of_a_likely_size(size, unit, stated):
    if guess := units_guess(size, unit, stated=stated):
        assert guess.unit is not unit
        assert 5 <= max(size) * guess.unit.mm <= 1000
