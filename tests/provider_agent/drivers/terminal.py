"""The end of a serial line that a pretend printer holds."""

from __future__ import annotations

import os
import pty
import tty
from pathlib import Path


def opened(link: Path) -> int:
    """Our end; `link` leads to the other."""
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(theirs))
    return ours
