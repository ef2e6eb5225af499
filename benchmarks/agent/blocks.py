"""When each block of a local chain was first seen, and when it became final."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from demo.node import Node

LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Seen:
    """A block by its number: `time` is its own, `at` when it was seen, both epoch seconds."""

    number: int
    time: int
    at: float


@dataclass
class Blocks:
    """What a watcher has seen, in order."""

    newest: list[Seen] = field(default_factory=list)
    final: list[Seen] = field(default_factory=list)

    def mined_at(self, number: int) -> float:
        """When block `number` was there."""
        return next(block.at for block in self.newest if block.number >= number)

    def allowed_at(self, number: int, grace_s: int) -> float:
        """When a print awarded in block `number` may begin: the block is final, and nobody can cancel for
        free in a block that follows the last final one."""
        mined = next(block for block in self.newest if block.number >= number)
        over = (mined.time + grace_s) if grace_s else float("-inf")
        return next(block.at for block in self.final if block.number >= number and block.time > over)


@contextmanager
def watched(url: str) -> Iterator[Blocks]:
    """Watch a node meanwhile."""
    blocks, done = Blocks(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(Node(url), blocks, done), name="blocks", daemon=True)
    watcher.start()
    try:
        yield blocks
    finally:
        done.set()
        watcher.join()


def _watch(node: Node, blocks: Blocks, done: threading.Event) -> None:
    while not done.wait(LOOK_SECONDS):
        for which, found in (("latest", blocks.newest), ("finalized", blocks.final)):
            block = node.rpc("eth_getBlockByNumber", which, False)
            number = int(block["number"], 16)
            if not found or found[-1].number < number:
                found.append(Seen(number, int(block["timestamp"], 16), time.time()))
