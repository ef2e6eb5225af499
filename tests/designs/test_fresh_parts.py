"""The parts that estimates are judged by: nothing is fitted to them, and they are the same everywhere."""

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.estimate import __main__ as benchmark
from benchmarks.estimate import new_shapes
from benchmarks.estimate.fitting import Sample, fit
from benchmarks.estimate.fresh import FINE, PLAIN, fresh_parts
from benchmarks.estimate.parts import SHAPES, Part, new_parts, parts
from benchmarks.estimate.truth import USUAL
from marketplace.designs.slicing.outcome import SliceOutcome
from tests.factories.models import box, stl


def test_new_kinds_are_none_that_the_model_was_made_with():
    assert not new_shapes.SHAPES.keys() & (SHAPES | PLAIN | FINE).keys()
    assert not SHAPES.keys() & (PLAIN | FINE).keys()


def test_what_is_held_out_has_every_kind_and_shares_no_part_with_what_is_fitted_to():
    halves = {held_out: [part for part in parts() if part.held_out == held_out] for held_out in (True, False)}
    names = {held_out: {part.name for part in some} for held_out, some in halves.items()}
    assert not names[True] & names[False]
    assert len(names[True]) == len(halves[True]) >= 100
    for some in halves.values():
        assert {part.kind for part in some} == (SHAPES | PLAIN | FINE).keys()


def test_no_other_series_is_fitted_to():
    fitted = {part.name for part in parts() if not part.held_out}
    assert not fitted & {part.name for part in (*fresh_parts(), *new_parts())}


def test_held_out_parts_are_not_fitted_to():
    with pytest.raises(ValueError, match="held out"):
        fit([Sample("box-8", "box", True, None, USUAL, None)])


def test_there_are_enough_and_enough_of_many_facets():
    parts = list(fresh_parts())
    assert len({part.name for part in parts}) == len(parts) >= 120
    assert sum(part.kind in FINE for part in parts) * 3 >= len(parts)


@pytest.mark.parametrize("kind", [*PLAIN, *new_shapes.SHAPES, "knurl", "thread", "spring"])
def test_a_part_is_closed_stands_on_the_bed_and_is_the_same_again(kind):
    part = Part(kind, f"second-{kind}-0")
    triangles = part.triangles()
    assert np.array_equal(triangles, part.triangles())
    assert triangles.reshape(-1, 3).min(axis=0) == pytest.approx(0)
    # Of a closed surface, the facets' normals times their areas sum up to nothing.
    crosses = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    assert np.abs(crosses.sum(axis=0)).max() < 1e-3 * np.linalg.norm(crosses, axis=1).sum()


def test_own_parts_are_told_of_one_by_one_where_nothing_else_was_sliced(tmp_path, monkeypatch):
    said = SliceOutcome(seconds=2_000, extruded_mm3=4_000, slicer="PrusaSlicer", version="2", profile="p")
    monkeypatch.setattr(benchmark, "sliced", lambda data, how: said)
    monkeypatch.setattr(benchmark, "_chosen", lambda some, kept: [])
    (tmp_path / "own.stl").write_bytes(stl(box()))
    (tmp_path / "broken.stl").write_bytes(b"solid")
    done = CliRunner().invoke(benchmark.main, ["--kept", "--folder", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout.count("own.stl ") == 3
    assert "broken.stl: " in done.stderr
