"""One agent per home: two on one journal would sign two evidence logs for one agreement."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provider_agent.errors import HomeInUse

FILE = "agent.lock"


@contextmanager
def home_lock(home: Path) -> Iterator[None]:
    """Hold the home while the block runs; the kernel lets go when the process dies. Raises HomeInUse."""
    with (home / FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise HomeInUse(
                f"another agent (process {owner}) runs on {home}: stop it first, or use another --home"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
