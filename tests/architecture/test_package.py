"""The wheel holds what the repository holds of our packages: sub-packages, templates, static files, builds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("protocol", "slicers", "contracts", "marketplace", "provider_agent", "auditor", "demo")
# What a developer's folder has besides.
LITTER = ("protocol/__pycache__/terms.cpython-311.pyc", "contracts/out/Old.json", "contracts/cache/old.json")


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, check=True)
    return set(listed.stdout.decode().rstrip("\0").split("\0"))


@pytest.fixture(scope="module")
def wheel(tracked, tmp_path_factory) -> set[str]:
    """The names in a wheel built offline from a copy of the tracked files, in which somebody worked."""
    folder = tmp_path_factory.mktemp("package")
    for name in (*tracked, "pyproject.toml", "README.md", "LICENSE"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in LITTER:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", "wheel", "."]
    command = [sys.executable, "-m", "pip", "wheel", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (folder / "wheel").glob("*.whl")
    return {name for name in ZipFile(built).namelist() if ".dist-info/" not in name}


def test_the_wheel_misses_nothing(wheel, tracked):
    assert sorted(tracked - wheel) == []


def test_the_wheel_holds_nothing_else(wheel, tracked):
    assert sorted(wheel - tracked) == []


def test_what_programs_read_is_in_it(wheel):
    assert {
        "contracts/build/PrintEscrow.json",
        "marketplace/chain/management/commands/chain_check.py",
        "marketplace/pages/templates/pages/base.html",
        "provider_agent/drivers/bambu/quality_scale.yaml",
        "provider_agent/drivers/moonraker/quality_scale.yaml",
        "provider_agent/drivers/octoprint/quality_scale.yaml",
        "provider_agent/drivers/prusalink/quality_scale.yaml",
        "provider_agent/drivers/virtual/quality_scale.yaml",
        "marketplace/designs/slicing/infill-standard.ini",
        "slicers/cura.mjs",
    } <= wheel
