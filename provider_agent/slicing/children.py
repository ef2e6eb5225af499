"""Child processes that cannot outlive us, overrun, or see our environment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LIMITED = Path(__file__).with_name("limited.py")
DATA_BYTES = 3 * 1024**3
FILE_BYTES = 1024**3
CPU_SECONDS = 600


@dataclass(frozen=True)
class Ended:
    """How a child ended: exit code (negative: the signal), and what it said."""

    code: int
    out: bytes
    err: bytes

    @property
    def last_words(self) -> str:
        """The end of what it said on stderr, for people."""
        return self.err.decode("utf-8", "replace").strip()[-400:]


async def run(command: Sequence[str | Path], folder: Path, *, single: bool = False) -> Ended:
    """Run a command in a folder, in its own process group, under limits, with a bare environment.

    `single`: on one processor only. If the awaiting task is cancelled, the whole group is killed before
    this returns.
    """
    limits = (str(CPU_SECONDS), str(DATA_BYTES), str(FILE_BYTES), "single" if single else "free")
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        LIMITED,
        *limits,
        *command,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = await child.communicate()
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await asyncio.shield(child.wait())
    return Ended(child.returncode if child.returncode is not None else -signal.SIGKILL, out, err)
