"""The real agent and the real printer software through the faults of the covering array."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from protocol.canonical import salted_digest
from tests.factories.models import box, stl
from tests.provider_agent.bench import Bench
from tests.provider_agent.faults.array import Row, rows
from tests.provider_agent.faults.machines import REAL, staged
from tests.provider_agent.faults.stage import Stage, faults_cost_nothing
from tests.provider_agent.samples import MODEL_SALT, part

REST_SECONDS = 8
CHIP = stl(box(4, 4, 0.4))
"""Two layers: nearly all of its print is the rest on top."""

pytestmark = pytest.mark.printers


@pytest.fixture
def on_stage(bench: Bench, tmp_path: Path) -> Iterator[Callable[[str], Stage]]:
    """A stage with the software of one driver on it; the test is skipped where that is not installed."""
    with ExitStack() as children:

        def made(driver: str) -> Stage:
            # Klipper's sockets have paths of a hundred signs at most.
            home = Path(children.enter_context(TemporaryDirectory(prefix="faults-")))
            machine = REAL[driver](bench, children, home)
            env = {"STAGED_REST": str(REST_SECONDS), **machine.env()}
            return staged(bench, machine, tmp_path / "clock", children, env)

        yield made


@pytest.mark.timeout(900)
@pytest.mark.parametrize("row", rows(), ids=str)
def test_a_fault_at_every_moment_costs_nothing(on_stage: Callable[[str], Stage], row: Row) -> None:
    chip = part(
        model=salted_digest(MODEL_SALT, CHIP), bytes=len(CHIP), size_um=(4_000, 4_000, 400), volume_mm3=7
    )
    faults_cost_nothing(on_stage(row.driver), row.faults, model=CHIP, parts=(chip,))
