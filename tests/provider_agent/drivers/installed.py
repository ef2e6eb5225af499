"""The printer software that `tools/bootstrap.py printers` installs, in environments of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def program(environment: str, name: str) -> Path:
    """A program of one of those environments; the test is skipped where it is not installed."""
    path = ROOT / environment / "bin" / name
    if not path.exists():
        pytest.skip(f"{name} is not installed: python3 tools/bootstrap.py printers")
    return path
