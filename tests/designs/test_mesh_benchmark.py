"""The benchmark's models are what it says, and it runs."""

import pytest
from click.testing import CliRunner

from benchmarks.mesh.__main__ import main
from benchmarks.mesh.models import ball, shuffled, terrain
from marketplace.designs.mesh.measure import measure


@pytest.mark.parametrize("made", [ball, terrain, lambda facets: shuffled(terrain(facets))])
@pytest.mark.parametrize("facets", [1_000, 20_000])
def test_its_models_are_closed_and_about_as_large_as_asked(made, facets):
    found = measure(made(facets))
    assert found.triangles == pytest.approx(facets, rel=0.16)
    assert (found.watertight, found.winding_consistent, found.inside_out, found.bodies) == (
        True,
        True,
        False,
        1,
    )
    assert (found.self_intersections, found.intersections_complete) == (0, True)


def test_it_prints_ours_beside_trimesh():
    done = CliRunner().invoke(main, ["--largest", "1000"], catch_exceptions=False)
    assert done.exit_code == 0
    assert all(name in done.output for name in ("ball", "terrain, shuffled", "trimesh s"))
