"""One provider with many virtual printers, a marketplace and a chain, all as processes; the agent alone on a
core."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import requests

from benchmarks.agent.usage import ended_s, memory, pinned, processor_s
from benchmarks.follow.databases import connected
from demo import agents
from demo.cast import Provider, VirtualPrinter
from demo.children import Children
from demo.place import HOST, Place, free_port
from demo.stack import Stack

GRACE_S = 5
SPEED_UP = 6
"""How much faster than real printers they run: a small part takes some minutes."""
WAIT_SECONDS = 600.0
LOOK_SECONDS = 0.1


class Waited(Exception):
    """What was waited for did not happen."""


def provider_of(printers: int) -> Provider:
    """A provider with so many printers alike."""
    return Provider(
        name="hal",
        machine_hour_wei=1_200_000_000_000_000,
        gram_wei=12_000_000_000_000,
        setup_wei=400_000_000_000_000,
        printers=tuple(
            VirtualPrinter(f"hal-{number:02}", (220_000, 220_000, 250_000), {"PLA": ("black",)}, 120)
            for number in range(1, printers + 1)
        ),
        more={"grace_time_s": GRACE_S, "max_bids_per_hour": 1000},
    )


@dataclass
class Workshop:
    """All but the agent, which `agent` runs. Its own processes and this one keep off the agent's core."""

    stack: Stack
    provider: Provider
    database: psycopg.Connection
    agent_core: int

    @contextmanager
    def agent(self, printers: int) -> Iterator[Agent]:
        """The agent with so many of its printers, once the marketplace has heard of each. Raises Waited."""
        provider = replace(self.provider, printers=self.provider.printers[:printers])
        self.stack.make_ready(provider)
        spec = agents.run(self.stack.place, provider)
        children = Children(self.stack.place.home / "logs", print)
        try:
            started = time.time()
            with pinned({self.agent_core}):
                children.start(spec)
            pid = children.pid(spec.name)
            self.until(lambda: self.heard(started) >= printers, f"a sample of each of {printers} printers")
            yield Agent(pid)
            if children.pid(spec.name) != pid:
                raise Waited("the agent died meanwhile")
        finally:
            children.stop()

    def heard(self, since: float, status: str = "%") -> int:
        """How many printers' newest samples came since an epoch second, with a status like that."""
        counted = "SELECT count(*) FROM monitoring_printersample WHERE status LIKE %s"
        return int(self.value(f"{counted} AND received_at >= to_timestamp(%s)", status, since))

    def samples(self) -> int:
        """How many samples are stored."""
        return int(self.value("SELECT count(*) FROM monitoring_pastsample"))

    def value(self, statement: str, *values: object) -> Any:
        """The one value of a query."""
        return self.database.execute(statement, values).fetchall()[0][0]

    def prints(self) -> dict[str, float]:
        """When each attempt began, by its printer's own account: id -> epoch seconds."""
        base = f"http://{HOST}:{self.stack.place.printers_port}/printers"
        return {
            made["attempt"]: float(made["started_at"])
            for printer in self.provider.printers
            for made in requests.get(f"{base}/{printer.serial}/history", timeout=10).json()["prints"]
        }

    def until(self, check: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait until it comes true. Raises Waited."""
        deadline = time.monotonic() + seconds
        while not check():
            self.stack.children.check()
            if time.monotonic() > deadline:
                raise Waited(f"{what} did not come within {seconds:g} s")
            time.sleep(LOOK_SECONDS)


@dataclass(frozen=True)
class Agent:
    """The agent's process."""

    pid: int

    def memory(self) -> int:
        """Bytes."""
        return memory(self.pid)

    def busy_s(self, seconds: float) -> float:
        """Seconds of the processor it takes in so many of the clock, slicers not counted."""
        before, began = processor_s(self.pid), time.monotonic()
        time.sleep(seconds)
        return (processor_s(self.pid) - before) * seconds / (time.monotonic() - began)

    def slicers_s(self) -> float:
        """Seconds of the processor that its slicers have used so far."""
        return ended_s(self.pid)


@contextmanager
def workshop(folder: Path, database: str, printers: int) -> Iterator[Workshop]:
    """The marketplace, the chain and so many printers. Raises ChildFailed."""
    agent_core, *others = sorted(os.sched_getaffinity(0))
    place = Place(folder, free_port(), free_port(), free_port(), free_port())
    provider = provider_of(printers)
    with pinned(set(others) or {agent_core}), connected(database) as connection:
        stack = Stack(place, print, database, providers=(provider,), speed_up=SPEED_UP)
        try:
            stack.start_site(lambda step: None)
            yield Workshop(stack, provider, connection, agent_core)
        finally:
            stack.stop()
