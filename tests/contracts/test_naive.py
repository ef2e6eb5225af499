"""Each scenario's test fails on the escrow that a hurried author would have written."""

import re
from collections.abc import Callable

import pytest

from contracts.compiler import HERE
from tests.contracts.naive import INVARIANTS, SCENARIOS, UNSOUND, VARIANTS, Copy, changed
from tests.contracts.naive_variants import Variant

each = pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.scenario)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("naive"))
    assert all(outcome.passed for outcome in copy.outcomes(r"\w+").values())
    return copy


@each
def test_the_variant_still_fits_the_contracts(variant: Variant) -> None:
    text = (HERE / "src" / variant.source).read_text()
    assert changed(variant, text) != text


def test_every_scenario_has_its_variant() -> None:
    text = "".join(path.read_text() for path in SCENARIOS.glob("*.t.sol"))
    scenarios = set(re.findall(r"function (testFuzz_\w+)", text))
    assert scenarios - {variant.test for variant in VARIANTS} == set()
    assert len({variant.test for variant in VARIANTS}) == len(VARIANTS)


def deep(test: Callable[..., None]) -> Callable[..., None]:
    """Each compiles the escrow anew."""
    for mark in (pytest.mark.deep, pytest.mark.xdist_group("naive"), pytest.mark.timeout(2400)):
        test = mark(test)
    return test


@deep
@each
def test_the_scenario_fails_on_the_naive_escrow(copy: Copy, variant: Variant) -> None:
    with copy.with_variant(variant):
        outcome = copy.outcomes(variant.test)[variant.test]
    assert not outcome.passed


@deep
@pytest.mark.parametrize("scenario", UNSOUND)
def test_the_invariants_fail_on_the_unsound_escrow(copy: Copy, scenario: str) -> None:
    [variant] = [variant for variant in VARIANTS if variant.scenario == scenario]
    with copy.with_variant(variant):
        outcomes = copy.outcomes(INVARIANTS)
    assert not all(outcome.passed for outcome in outcomes.values())
