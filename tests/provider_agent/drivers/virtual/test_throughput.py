"""The simulation keeps ahead of any print."""

from __future__ import annotations

import math
import time
from pathlib import Path

from provider_agent.drivers.base import AttemptFate
from provider_agent.drivers.virtual.definition import MachineDefinition
from provider_agent.drivers.virtual.machine import Machine
from tests.provider_agent.drivers.programs import END, START

LINES = 200_000
AT_LEAST_PER_SECOND = 50_000


def curvy(lines: int) -> str:
    """Small segments along a spiral, as a slicer makes of round things."""
    moves = [
        f"G1 X{110 + 50 * math.cos(i / 40):.3f} Y{110 + 50 * math.sin(i / 40):.3f} E{i * 0.01:.5f}"
        for i in range(lines)
    ]
    return "\n".join([*START, "G1 Z0.2 F1800", *moves, *END]) + "\n"


def test_200_000_lines_at_50_000_a_second_or_better(tmp_path: Path) -> None:
    path = tmp_path / "curvy.gcode"
    path.write_text(curvy(LINES))
    machine = Machine(MachineDefinition(serial="one"))
    machine.start(path)
    began = time.process_time()
    while machine.outcome is None:
        machine.advance(600.0)
    rate = LINES / (time.process_time() - began)
    assert machine.outcome.fate is AttemptFate.FINISHED
    assert rate > AT_LEAST_PER_SECOND, f"{rate:.0f} lines a second"
