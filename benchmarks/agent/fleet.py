"""What one agent needs for its printers, and how soon it bids and prints, in one run with its peers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import aiohttp

from benchmarks.agent.blocks import Blocks, watched
from benchmarks.agent.designing import Bid, Designing
from benchmarks.agent.usage import pinned
from benchmarks.agent.workshop import GRACE_S, Agent, Workshop, workshop
from demo.place import HOST

SETTLE_S = 8.0
WINDOW_S = 20.0
ALONE = 10
"""Jobs posted one after the other, each when the last has its bid."""
BARE_GETS = 2_000
MOST_OF_CORE = 0.3
"""Of its core with all printers at work: most of it is for slicing what is won meanwhile."""
MOST_GETS = 3.0
"""Bare requests for a snapshot that looking at an idle printer, and telling, may cost."""
MOST_MEMORY = 1.25
"""Times the memory of an agent with one printer. All three are some twice what was measured first."""


@dataclass(frozen=True)
class Use:
    """Of the agent over some seconds: processor seconds a second, samples stored a second, bytes held."""

    busy: float
    samples: float
    memory: int


@dataclass(frozen=True)
class Print:
    """Of one job, seconds from its award's block to when the print might begin, and did."""

    allowed_s: float
    started_s: float

    @property
    def own_s(self) -> float:
        """What neither the chain nor the terms made it wait."""
        return self.started_s - self.allowed_s


@dataclass(frozen=True)
class Fleet:
    """All that was measured. `bare_s`: processor seconds of a bare request for a snapshot; `slicers_s`: of
    all slicing."""

    printers: int
    one: Use
    idle: Use
    printing: Use
    bare_s: float
    slicers_s: float
    alone: list[float]
    at_once: list[float]
    prints: list[Print]

    @property
    def memory_a_printer(self) -> float:
        """Bytes, of an agent that idles."""
        return (self.idle.memory - self.one.memory) / (self.printers - 1)

    @property
    def gets(self) -> float:
        """Bare requests that a sample of an idle printer costs, from asking to sending."""
        return self.idle.busy / self.printers / self.bare_s


def fleet(folder: Path, database: str, printers: int, say: Callable[[str], None]) -> Fleet:
    """Run it all. Raises ChildFailed, Waited."""
    say("starting the marketplace, the chain and the printers")
    with workshop(folder, database, printers) as place:
        with place.agent(1) as agent:
            say("one printer")
            one = _use(place, agent)
        with place.agent(printers) as agent, watched(place.stack.place.rpc_url) as blocks:
            say(f"{printers} printers, idle")
            idle = _use(place, agent)
            say(f"{printers} jobs")
            designing = Designing(place)
            alone = [bid for _ in range(min(ALONE, printers // 2)) for bid in designing.bids(1)]
            at_once = designing.bids(printers - len(alone))
            say("awarding all")
            before = agent.slicers_s()
            prints = _prints(place, blocks, designing.award([*alone, *at_once]))
            slicers = agent.slicers_s() - before
            place.until(lambda: place.heard(0.0, "PRINTING") == printers, f"{printers} printers at work")
            say("all print")
            printing = _use(place, agent)
            at_work = place.heard(0.0, "PRINTING")
        if at_work < printers:
            raise RuntimeError(f"only {at_work} of {printers} printers were still at work")
        bare = _bare_s(place)
    return Fleet(printers, one, idle, printing, bare, slicers, _waits(alone), _waits(at_once), prints)


def told(found: Fleet) -> list[str]:
    """Lines for people."""
    return [
        f"one agent on one core, {found.printers} printers, each asked and told of once a second",
        f"idle: {_of_core(found, found.idle)}, {found.gets:.1f} bare requests",
        f"all print: {_of_core(found, found.printing)}",
        f"memory: {_mb(found.one.memory)} with one printer, {_mb(found.idle.memory)} with {found.printers},"
        f" {found.memory_a_printer / 1024:.0f} KB a printer; {_mb(found.printing.memory)} while all print",
        *(f"{what}: {spread(seconds)}" for what, seconds in times(found).items()),
        f"slicing all of them took {found.slicers_s:.1f} s of that core",
    ]


def times(found: Fleet) -> dict[str, list[float]]:
    """What was waited for, seconds."""
    return {
        "job posted to bid received, one job at a time": found.alone,
        f"job posted to bid received, {len(found.at_once)} jobs at once": found.at_once,
        f"award mined to print started, {len(found.prints)} at once": [
            each.started_s for each in found.prints
        ],
        f"of it the chain's finality and {GRACE_S} s of grace": [each.allowed_s for each in found.prints],
        "of it the rest: release, fetching, slicing, starting": [each.own_s for each in found.prints],
    }


def missed(found: Fleet) -> list[str]:
    """Ratios that do not hold."""
    growth = found.idle.memory / found.one.memory
    faults = []
    if found.printing.busy > MOST_OF_CORE:
        faults.append(f"an agent takes {found.printing.busy:.0%} of a core, more than {MOST_OF_CORE:.0%}")
    if found.gets > MOST_GETS:
        faults.append(f"a sample costs {found.gets:.1f} bare requests, more than {MOST_GETS:g}")
    if growth > MOST_MEMORY:
        faults.append(f"memory is {growth:.2f} times that with one printer, more than {MOST_MEMORY:g}")
    return faults


def spread(seconds: Sequence[float]) -> str:
    """Half, 95 % and all of them take no longer than this."""
    half, most, worst = (share(seconds, each) for each in (0.5, 0.95, 1.0))
    return f"50 % {half:.2f} s, 95 % {most:.2f} s, worst {worst:.2f} s"


def share(seconds: Sequence[float], part: float) -> float:
    """What so many of all do not exceed."""
    return sorted(seconds)[max(0, ceil(part * len(seconds)) - 1)]


def _use(place: Workshop, agent: Agent) -> Use:
    time.sleep(SETTLE_S)
    samples = place.samples()
    busy = agent.busy_s(WINDOW_S) / WINDOW_S
    return Use(busy, (place.samples() - samples) / WINDOW_S, agent.memory())


def _prints(place: Workshop, blocks: Blocks, awards: dict[str, int]) -> list[Print]:
    """Wait until each has begun."""
    begun = dict[str, float]()

    def all_begun() -> bool:
        # An attempt's id starts with its agreement's.
        begun.update((f"0x{attempt.partition('-')[0]}", at) for attempt, at in place.prints().items())
        return len(begun) == len(awards)

    place.until(all_begun, f"the start of {len(awards)} prints")
    return [
        Print(
            blocks.allowed_at(block, GRACE_S) - blocks.mined_at(block),
            begun[agreement[:18]] - blocks.mined_at(block),
        )
        for agreement, block in awards.items()
    ]


def _bare_s(place: Workshop) -> float:
    """Processor seconds of one request for a snapshot and nothing else, by the agent's client library."""
    serial = place.provider.printers[0].serial
    where = f"http://{HOST}:{place.stack.place.printers_port}/printers/{serial}/snapshot"

    async def ask() -> float:
        async with aiohttp.ClientSession() as session:
            before = time.process_time()
            for _ in range(BARE_GETS):
                async with session.get(where) as answer:
                    await answer.json()
            return (time.process_time() - before) / BARE_GETS

    with pinned({place.agent_core}):
        return asyncio.run(ask())


def _waits(bids: Sequence[Bid]) -> list[float]:
    return [bid.after_s for bid in bids]


def _of_core(found: Fleet, use: Use) -> str:
    each = use.busy / found.printers * 1000
    return f"{use.busy:.1%} of the core, {each:.2f} ms a printer and second, {use.samples:.1f} samples stored"


def _mb(size: int) -> str:
    return f"{size / 1024**2:.0f} MB"
