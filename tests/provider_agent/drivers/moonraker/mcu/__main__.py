"""`python -m tests...mcu LINK MODE`: the micro-controller at the other end of LINK.

MODE is a file that may hold a word: ok, cold, hot, hang (it takes what comes and says nothing).
"""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from tests.provider_agent.drivers.moonraker.mcu.controller import Controller
from tests.provider_agent.drivers.moonraker.mcu.wire import Blocks, Message, Value, block, unvlq
from tests.provider_agent.drivers.terminal import opened

TICK_S = 0.02


class Line:
    """The serial line: acknowledges blocks that come in order, and gives their commands to the firmware."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._blocks = Blocks()
        self._expected = 1
        self.controller = Controller(self._send)

    def take(self, data: bytes) -> None:
        for sequence, content in self._blocks.feed(data):
            if sequence == self._expected:
                self._expected = (sequence + 1) & 0x0F
                self._obey(content)
            # Answers go before the acknowledgement: a host that has this one without them asks again.
            self._write(b"")

    def _obey(self, content: bytes) -> None:
        at = 0
        while at < len(content):
            number, at = unvlq(content, at)
            command = self.controller.commands[number]
            values, at = command.decode(content, at)
            self.controller.obey(command.name, values)

    def _send(self, message: Message, values: dict[str, Value]) -> None:
        self._write(message.encode(values))

    def _write(self, content: bytes) -> None:
        os.write(self._terminal, block(self._expected, content))


def main(link: Path, mode: Path) -> None:
    """Serve for ever."""
    ours = opened(link)
    line = Line(ours)
    while True:
        ready = select.select([ours], [], [], TICK_S)[0]
        word = mode.read_text().strip() if mode.exists() else "ok"
        data = os.read(ours, 4096) if ready else b""
        if word == "hang":
            continue
        line.controller.weather = word
        line.take(data)
        line.controller.pass_time()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
