"""The benchmark's models are what it says, and it runs."""

import pytest
from click.testing import CliRunner

from benchmarks.mesh import goals, writing
from benchmarks.mesh.__main__ import main
from benchmarks.mesh.models import ball, shuffled, terrain
from benchmarks.mesh.running import Row, Taken
from marketplace.designs.mesh.measure import measure
from slicers import prusa
from tests.factories.models import box, stl


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


def test_it_prints_ours_by_stage_beside_the_others():
    done = CliRunner().invoke(main, ["--largest", "1000"], catch_exceptions=False)
    assert done.exit_code == 0
    assert all(name in done.output for name in ("ball", "terrain, shuffled", "trimesh", "--info", "slice"))
    assert all(stage in done.output for stage in writing.STAGES)


def test_without_prusa_slicer_its_columns_say_so_and_own_models_are_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(prusa, "installed", lambda: None)
    (tmp_path / "mine.stl").write_bytes(stl(box()))
    (tmp_path / "broken.stl").write_bytes(b"solid")
    done = CliRunner().invoke(main, ["--largest", "0", "--folder", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "mine.stl" in done.output
    assert "prusa-slicer is not installed" in done.output
    assert "broken.stl: " in done.stderr


def row(name: str, size: int, measure: float, peers: float, draw: float = 1.0) -> Row:
    stages = {"read": 0.0, "measure": measure, "estimate": 0.0, "draw": draw}
    ours, peer = Taken(1, measure + draw, 0, stages), Taken(1, peers, 0, {})
    return Row(name, size, size, ours, peer, peer, None)


def test_absolute_goals_are_told_and_fail_nothing():
    rows = [row("ball", 100_000, 1.4, 1), row("ball", 1_000_000, 14, 10)]
    assert sum(each.endswith("missed") for each in goals.told(rows)) == 2
    assert goals.missed(rows) == []


def test_a_ratio_that_is_too_large_fails():
    slow = row("ball", 100_000, 1.0, 2.0 / (goals.MOST_RATIOS["trimesh"] + 1))
    assert [each.partition(":")[0] for each in goals.missed([slow])] == ["ball of 100,000 facets"] * 2
    small = row("ball", 1_000, 1.0, 0.001)
    assert goals.missed([small]) == []


def test_cost_that_grows_faster_than_the_facets_fails():
    rows = [row("ball", 100_000, 1.0, 10), row("ball", 1_000_000, 20.0, 100)]
    assert goals.growths(rows) == {"ball": 2.0}
    (fault,) = goals.missed(rows)
    assert "2.00 times as long" in fault


def test_the_page_and_its_chart_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "DOCS", tmp_path)
    (tmp_path / "images").mkdir()
    writing.docs([row("terrain", 100_000, 1.4, 1), row("terrain", 1_000_000, 14, 10)])
    text = (tmp_path / "measuring.md").read_text()
    assert "| terrain | 1,000,000 |" in text
    assert "the goal is 12 s: missed" in text
    assert (tmp_path / "images" / "measuring.png").stat().st_size > 5_000
