"""A G-code file read block by block: steps as they are needed, and how far the file has been read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from provider_agent.drivers.virtual.interpreter import Interpreter
from provider_agent.drivers.virtual.steps import Floats, Step

BLOCK_BYTES = 48_000


class Program:
    """One run of a file by a head that stands at `start`. `read_from` and `read_to` are fractions of the
    file around the step in hand."""

    def __init__(self, path: Path, start: Floats, acceleration_mm_s2: float) -> None:
        self._file = path.open("rb")
        self._size = max(1, path.stat().st_size)
        self._interpreter = Interpreter(start, acceleration_mm_s2)
        self._steps = self._all_steps()
        self.read_from = self.read_to = 0.0

    def next_step(self) -> Step | None:
        """The next step, None at the end of the file."""
        return next(self._steps, None)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _all_steps(self) -> Iterator[Step]:
        while block := self._file.readlines(BLOCK_BYTES):
            self.read_from, self.read_to = self.read_to, self._file.tell() / self._size
            yield from self._interpreter.steps(line.decode("utf-8", "replace") for line in block)
