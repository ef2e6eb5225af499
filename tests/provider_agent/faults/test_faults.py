"""Every fault at every moment of a making on the virtual printer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.provider_agent.bench import Bench
from tests.provider_agent.faults.array import Fault, Moment
from tests.provider_agent.faults.machines import VirtualMachine, staged
from tests.provider_agent.faults.stage import Stage, faults_cost_nothing


@pytest.fixture
def stage(bench: Bench, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as children:
        yield staged(bench, VirtualMachine(bench, children), tmp_path / "clock", children)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.replace(" ", "-"))
def test_a_fault_at_every_moment_costs_nothing(stage: Stage, fault: Fault) -> None:
    faults_cost_nothing(stage, dict.fromkeys(Moment, fault))
