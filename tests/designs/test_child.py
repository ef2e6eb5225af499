"""The child process that reads models is bounded; however it dies, that is a typed refusal."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.designs import measuring
from marketplace.designs.measuring import ChildLimits, measure_in_child
from marketplace.designs.mesh.measurement import ModelRefused
from tests.factories.models import BRACKET, sphere, stl

ROOMY = ChildLimits(memory_bytes=3_000_000_000, cpu_seconds=60, wall_seconds=120)


@pytest.fixture(scope="module")
def heavy(tmp_path_factory) -> Path:
    """About a million facets: 50 MB."""
    file = tmp_path_factory.mktemp("heavy") / "sphere.stl"
    file.write_bytes(stl(sphere(40, rings=500)))
    return file


def refusal(model: Path, picture: Path, limits: ChildLimits) -> str:
    with pytest.raises(ModelRefused) as refused:
        measure_in_child(model, picture, limits, lambda: None)
    return refused.value.reason.code


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not bound address space")
def test_a_model_that_needs_too_much_memory_is_refused(heavy, tmp_path):
    tight = ChildLimits(memory_bytes=600_000_000, cpu_seconds=60, wall_seconds=120)
    assert refusal(heavy, tmp_path / "p.png", tight) == "too-complex"


def test_a_model_that_takes_too_much_time_is_refused(heavy, tmp_path):
    hasty = ChildLimits(memory_bytes=3_000_000_000, cpu_seconds=1, wall_seconds=120)
    assert refusal(heavy, tmp_path / "p.png", hasty) == "too-slow"


def test_the_wall_clock_ends_a_child_that_does_not_even_compute(heavy, tmp_path):
    hasty = ChildLimits(memory_bytes=3_000_000_000, cpu_seconds=60, wall_seconds=1)
    assert refusal(heavy, tmp_path / "p.png", hasty) == "too-slow"


def test_more_facets_than_the_limit_are_refused(tmp_path):
    file = tmp_path / "fine.stl"
    facets = sphere(40, rings=30)
    file.write_bytes(stl(facets.repeat(1_500_000 // len(facets) + 1, axis=0)))
    assert refusal(file, tmp_path / "p.png", ROOMY) == "too-many-triangles"


@pytest.mark.parametrize(
    "body",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "raise SystemExit(3)",
        "print('no json')",
        "print('[]')",
        'print(\'{"measurement": {"volume_mm3": 1}}\')',
    ],
)
def test_a_child_that_breaks_is_a_refusal(body, tmp_path, monkeypatch):
    (tmp_path / "broken_child.py").write_text(body)
    monkeypatch.setattr(measuring, "CHILD", "broken_child")
    monkeypatch.setattr(measuring.settings, "BASE_DIR", tmp_path)
    assert refusal(BRACKET, tmp_path / "p.png", ROOMY) == "measuring-failed"


def test_a_killed_child_is_a_refusal(tmp_path, monkeypatch):
    (tmp_path / "killed_child.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setattr(measuring, "CHILD", "killed_child")
    monkeypatch.setattr(measuring.settings, "BASE_DIR", tmp_path)
    assert refusal(BRACKET, tmp_path / "p.png", ROOMY) == "too-complex"


def test_a_child_that_ignores_its_own_limits_is_killed(tmp_path, monkeypatch):
    (tmp_path / "deaf_child.py").write_text("while True: pass")
    monkeypatch.setattr(measuring, "CHILD", "deaf_child")
    monkeypatch.setattr(measuring, "GRACE_SECONDS", 0)
    monkeypatch.setattr(measuring, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(measuring.settings, "BASE_DIR", tmp_path)
    beats: list[int] = []
    with pytest.raises(ModelRefused) as refused:
        measure_in_child(BRACKET, tmp_path / "p.png", replace(ROOMY, wall_seconds=1), lambda: beats.append(1))
    assert refused.value.reason.code == "too-slow"
    assert len(beats) > 3


def test_the_child_knows_no_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do not tell")
    (tmp_path / "telling_child.py").write_text(
        "import os, json; print(json.dumps({'refused': {'code': 'told', 'message': ' '.join(os.environ)}}))"
    )
    monkeypatch.setattr(measuring, "CHILD", "telling_child")
    monkeypatch.setattr(measuring.settings, "BASE_DIR", tmp_path)
    with pytest.raises(ModelRefused) as refused:
        measure_in_child(BRACKET, tmp_path / "p.png", ROOMY, lambda: None)
    assert "SECRET_KEY" not in refused.value.reason.message.split()


def test_a_million_facets_stay_within_the_limits(heavy, tmp_path):
    measurement = measure_in_child(heavy, tmp_path / "p.png", ROOMY, lambda: None)
    assert measurement.volume_mm3 == pytest.approx(268_082, rel=0.001)
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_the_web_process_never_imports_the_mesh_libraries():
    program = (
        "import sys, django; django.setup();"
        "import marketplace.config.urls, marketplace.designs.tasks, marketplace.jobs.tasks;"
        "print(sorted(sys.modules.keys() & {'trimesh', 'numpy', 'scipy', 'PIL'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "trimesh" not in done.stdout
