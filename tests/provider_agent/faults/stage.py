"""Bo's workshop with a link to everything that the agent speaks to, the faults that can be put to it, and the story of
one making through all of them."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.processes import eventually, process
from tests.provider_agent.bench import Bench, open_job
from tests.provider_agent.faults.array import Fault, Moment
from tests.provider_agent.faults.links import Link
from tests.provider_agent.samples import CUBE
from tests.provider_agent.test_agent import check_evidence

DAY = 86_400
HELD_SECONDS = 2.0
"""How long a fault lasts: longer than any poll of the agent, so that it runs into it."""
PATIENT_S = 180.0
"""How long a busy machine may take from one status to the next: a server starts anew and a print is made again."""


class Machine(Protocol):
    """A printer with its software, and what can happen to it."""

    links: list[Link]
    breaks: frozenset[Fault]
    """The faults that end a print which runs."""

    def server_restart(self, stage: Stage) -> None: ...

    def unplug(self, stage: Stage) -> None: ...

    def power_cut(self, stage: Stage) -> None: ...

    def is_printing(self) -> bool: ...

    def begun(self) -> int:
        """How many prints it has begun, by its software's own record."""

    def finished(self) -> int:
        """How many of them it has brought to their end."""


@dataclass
class Stage:
    """The agent stands still at each change of status; `env` is more of its environment."""

    bench: Bench
    market: Link
    node: Link
    machine: Machine
    clock: Path
    children: ExitStack
    env: dict[str, str] = field(default_factory=dict)
    agent: subprocess.Popen[bytes] = field(init=False)

    def agent_start(self) -> None:
        command = [sys.executable, "-m", "tests.provider_agent.faults.staged", str(self.clock)]
        home, pipe = self.bench.home, self.bench.home / "agent.pipe"
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe)
        threading.Thread(target=_copy, args=(pipe, home / "agent.log"), daemon=True).start()
        self.agent = self.children.enter_context(
            process([*command, "--home", str(home), "run"], pipe, env=self.bench.env() | self.env)
        )

    def agent_kill(self) -> None:
        self.agent.kill()
        self.agent.wait()

    def is_held(self) -> bool:
        """Whether the agent stands still: it stops itself at each change of status."""
        return Path(f"/proc/{self.agent.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"

    def hold(self) -> None:
        self.agent.send_signal(signal.SIGSTOP)
        eventually(self.is_held)

    def pass_time(self) -> None:
        """Let the agent go on, until it stands still at its next status, while the fault lasts."""
        self.agent.send_signal(signal.SIGCONT)
        time.sleep(HELD_SECONDS)


def _copy(pipe: Path, log: Path) -> None:
    """A pipe takes what the agent says while its files take nothing."""
    with pipe.open("rb", buffering=0) as said, log.open("ab", buffering=0) as kept:
        while data := said.read(1 << 16):
            kept.write(data)


def _killed(stage: Stage) -> None:
    stage.agent_kill()
    stage.agent_start()


def _disk_full(stage: Stage) -> None:
    """No file may grow, as on a disk without room: every such write of the agent fails."""
    free = resource.prlimit(stage.agent.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stage.agent.pid, resource.RLIMIT_FSIZE, (0, free[1]))
    stage.pass_time()
    resource.prlimit(stage.agent.pid, resource.RLIMIT_FSIZE, free)


def _clock_wrong(seconds: int) -> Callable[[Stage], None]:
    def wrong(stage: Stage) -> None:
        stage.clock.write_text(str(seconds))
        stage.pass_time()
        stage.clock.write_text("0")

    return wrong


def _network_lost(stage: Stage) -> None:
    links = (stage.market, stage.node, *stage.machine.links)
    for link in links:
        link.silence()
    stage.pass_time()
    for link in links:
        link.mend()


def _refused(links: Callable[[Stage], list[Link]]) -> Callable[[Stage], None]:
    def refused(stage: Stage) -> None:
        for link in links(stage):
            link.refuse()
        stage.pass_time()
        for link in links(stage):
            link.mend()

    return refused


DOES: Mapping[Fault, Callable[[Stage], None]] = {
    Fault.KILLED: _killed,
    Fault.DISK_FULL: _disk_full,
    Fault.CLOCK_AHEAD: _clock_wrong(400 * DAY),
    Fault.CLOCK_BEHIND: _clock_wrong(-400 * DAY),
    Fault.NETWORK_LOST: _network_lost,
    Fault.MARKETPLACE_DOWN: _refused(lambda stage: [stage.market]),
    Fault.NODE_DOWN: _refused(lambda stage: [stage.node]),
    Fault.PRINTER_OUT_OF_REACH: _refused(lambda stage: stage.machine.links),
    Fault.SERVER_RESTARTED: lambda stage: stage.machine.server_restart(stage),
    Fault.UNPLUGGED: lambda stage: stage.machine.unplug(stage),
    Fault.POWER_CUT: lambda stage: stage.machine.power_cut(stage),
}


def faults_cost_nothing(
    stage: Stage, faults: Mapping[Moment, Fault], *, model: bytes = CUBE, **job: Any
) -> None:
    """Make one job of one `model` with a fault at each moment: printed once, no record lost, delivered in time, no
    bid left open, and the money claimed."""
    open_job(stage.bench, **job)
    stage.agent_start()
    sent = eventually(lambda: stage.bench.market.bids, 60)[0]
    agreement = stage.bench.award(sent)
    eventually(lambda: stage.bench.market.evidence.get(agreement), 60)
    stage.hold()
    stage.bench.grant(agreement, model)
    DOES[faults[Moment.WON]](stage)
    for moment in list(Moment)[1:]:
        if moment is Moment.UNDER_WAY:
            eventually(stage.machine.is_printing, PATIENT_S)
            stage.hold()
        else:
            eventually(stage.is_held, PATIENT_S)
            assert stage.bench.making() == moment.value
        DOES[faults[moment]](stage)
    stage.bench.anvil.advance(15 * DAY)
    eventually(lambda: stage.bench.making() == "PAID", PATIENT_S)
    eventually(lambda: stage.bench.status()["makings"][0]["evidence_unsent"] == 0, 60)
    _check(stage, agreement, sent, prints=1 + (faults[Moment.UNDER_WAY] in stage.machine.breaks))


def _check(stage: Stage, agreement: str, sent: dict[str, Any], *, prints: int) -> None:
    """`prints`: one that the fault breaks is made again, and none besides."""
    bench, machine = stage.bench, stage.machine
    status = bench.status()
    assert (machine.begun(), machine.finished()) == (prints, 1)
    assert status["makings"][0]["how"] == "CLAIMED"
    assert status["earned_wei"] == sent["bid"]["unitPrice"]
    assert status["reservations"] == []
    assert bench.latest_record(agreement) <= bench.anvil.now()
    kinds = check_evidence(bench, agreement)
    assert [kinds.count(kind) for kind in ("model received", "print finished")] == [1, 1]
    assert (kinds.count("print started"), kinds.count("print failed")) == (prints, prints - 1)
    assert bench.anvil.web3.eth.get_transaction_count(bench.bo.address) == 2
