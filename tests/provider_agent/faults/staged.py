"""The agent as it is, but it stops itself (SIGSTOP) after each change of status, under a clock that a test moves.

python -m tests.provider_agent.faults.staged CLOCK_FILE ...: the file holds the seconds by which the clock is wrong.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from provider_agent.journal import makings
from provider_agent.journal.store import Journal

MENDING_SECONDS = 0.5


def main() -> None:
    """Become the agent."""
    _clock_move(Path(sys.argv.pop(1)))
    _advance_stopping()
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


if __name__ == "__main__":
    main()
