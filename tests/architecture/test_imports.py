"""The import rules of ARCHITECTURE.md hold (pyproject.toml says them to import-linter)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]


def test_the_import_rules_hold():
    done = subprocess.run(LINT, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_forbidden_import_is_found(tmp_path):
    """The rules can fail: a copy of the tree in which protocol imports web3 is refused."""
    for name in ("protocol", "slicers", "contracts", "marketplace", "provider_agent", "auditor", "demo"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "protocol").unlink()
    (tmp_path / "protocol").mkdir()
    for source in (ROOT / "protocol").glob("*.py"):
        (tmp_path / "protocol" / source.name).write_text(source.read_text())
    (tmp_path / "protocol" / "units.py").open("a").write("\nimport web3  # noqa\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    done = subprocess.run(LINT, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "protocol.units" in done.stdout
