"""The parts that estimates are judged by: none of a kind that the model was made with, the same everywhere."""

import numpy as np
import pytest

from benchmarks.estimate.fresh import FINE, PLAIN, FreshPart, fresh_parts
from benchmarks.estimate.parts import SHAPES


def test_no_kind_is_one_that_the_model_was_made_with():
    assert not SHAPES.keys() & (PLAIN | FINE).keys()


def test_there_are_enough_and_enough_of_many_facets():
    parts = list(fresh_parts())
    assert len({part.name for part in parts}) == len(parts) >= 120
    assert sum(part.kind in FINE for part in parts) * 3 >= len(parts)


@pytest.mark.parametrize("kind", [*PLAIN, "knurl", "thread", "spring"])
def test_a_part_is_closed_stands_on_the_bed_and_is_the_same_again(kind):
    part = FreshPart(kind, f"first-{kind}-0")
    triangles = part.triangles()
    assert np.array_equal(triangles, part.triangles())
    assert triangles.reshape(-1, 3).min(axis=0) == pytest.approx(0)
    # Of a closed surface, the facets' normals times their areas sum up to nothing.
    crosses = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    assert np.abs(crosses.sum(axis=0)).max() < 1e-3 * np.linalg.norm(crosses, axis=1).sum()
