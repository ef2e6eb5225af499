"""`python -m tests...mk3 LINK BUTTON`: the printer at the other end of LINK.

BUTTON is a file in which somebody writes what is done to the printer: runaway, pause, resume, cancel, reset, hold (it
says nothing any more, and does nothing about what it is sent), release. It is taken away once that is done.
"""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from tests.provider_agent.drivers.prusalink.mk3.firmware import Firmware
from tests.provider_agent.drivers.terminal import opened

TICK_S = 0.02


def main(link: Path, button: Path) -> None:
    """Serve for ever."""
    ours = opened(link)
    firmware = Firmware(lambda line: _write(ours, f"{line}\n".encode()))
    rest = b""
    while True:
        if select.select([ours], [], [], TICK_S)[0]:
            rest += os.read(ours, 4096)
        if button.exists():
            firmware.press(button.read_text().strip())
            button.unlink()
        firmware.pass_time()
        *lines, rest = rest.split(b"\n")
        for line in lines:
            firmware.take(line.decode(errors="replace").strip())


def _write(terminal: int, data: bytes) -> None:
    while data:
        data = data[os.write(terminal, data) :]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
