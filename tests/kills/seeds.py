"""How often a test of kills runs: a few seeds always, and RUNS kills of each kind in `make test-slow`."""

from __future__ import annotations

import os
from typing import Any

import pytest

KILLS = 3
"""With one seed, one after the other."""
RUNS = int(os.environ.get("RUNS", "40"))


def seeds(always: int) -> pytest.MarkDecorator:
    """Parametrize by seed. `RUNS=999 pytest 'tests/kills/test_killed.py::test_a_worker[123]'` does the 123rd again."""
    rest: list[Any] = [
        pytest.param(seed, marks=pytest.mark.slow) for seed in range(always, -(-RUNS // KILLS))
    ]
    return pytest.mark.parametrize("seed", [*range(always), *rest])
