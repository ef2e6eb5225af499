"""The agent as it is, but it stops itself (SIGSTOP) after each change of status, under a clock that a test moves.

python -m tests.provider_agent.faults.staged CLOCK_FILE ...: the file holds the seconds by which the clock is wrong. In
its environment, STAGED_REST is how many seconds every print rests on top, its heaters cold, and
STAGED_FTPS_PORT where a Bambu printer's storage is: no test may need the port that it has.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from provider_agent.drivers.bambu.driver import BambuDriver
from provider_agent.journal import makings
from provider_agent.journal.store import Journal
from provider_agent.slicing.recipe import Recipe

MENDING_SECONDS = 0.5
REST_MS = 200


def main() -> None:
    """Become the agent."""
    _clock_move(Path(sys.argv.pop(1)))
    _advance_stopping()
    if rest := os.environ.get("STAGED_REST"):
        _print_resting(int(rest))
    if port := os.environ.get("STAGED_FTPS_PORT"):
        BambuDriver.__init__.__kwdefaults__["ftps_port"] = int(port)
    from provider_agent import supervisor
    from provider_agent.cli import main as agent

    supervisor.MENDING_SECONDS = MENDING_SECONDS
    agent(prog_name="infill-agent")


def _clock_move(wrong: Path) -> None:
    true = time.time
    time.time = lambda: true() + float(wrong.read_text())


def _advance_stopping() -> None:
    """Before anything imports it by name."""
    advance = makings.making_advance

    def stopping(journal: Journal, *arguments: Any) -> None:
        advance(journal, *arguments)
        if not journal._connection.in_transaction:
            os.kill(os.getpid(), signal.SIGSTOP)

    makings.making_advance = stopping


def _print_resting(seconds: int) -> None:
    """Long enough for a test to see it run, and no longer."""
    lines = ["G21", "G90", "M82", "M140 S0", "M104 S0", "G28", "G1 Z5 F600", "G92 E0"]
    lines += [f"G4 P{REST_MS}"] * (seconds * 1000 // REST_MS)
    Recipe.start_gcode = lambda _: "\n".join(lines)


if __name__ == "__main__":
    main()
