"""Every fault at every status of a making: printed once, no record lost, delivered in time, and the money claimed."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from protocol.statuses import MakingStatus
from tests.processes import eventually, process
from tests.provider_agent.bench import Bench, open_job
from tests.provider_agent.faults.links import Link, linked
from tests.provider_agent.test_agent import check_evidence

DAY = 86_400
HELD_SECONDS = 2.0
"""How long a fault lasts: longer than any poll of the agent, so that it runs into it."""


@dataclass
class Stage:
    """Bo's workshop with a link to everything that the agent speaks to, and a clock that can be wrong."""

    bench: Bench
    market: Link
    node: Link
    printer: Link
    clock: Path
    children: ExitStack
    agent: subprocess.Popen[bytes] = field(init=False)

    def agent_start(self) -> None:
        command = [sys.executable, "-m", "tests.provider_agent.faults.staged", str(self.clock)]
        home, pipe = self.bench.home, self.bench.home / "agent.pipe"
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe)
        threading.Thread(target=_copy, args=(pipe, home / "agent.log"), daemon=True).start()
        self.agent = self.children.enter_context(
            process([*command, "--home", str(home), "run"], pipe, env=self.bench.env())
        )

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

    def prints(self, outcome: str = "") -> int:
        return len([entry for entry in self.bench.prints() if outcome in ("", entry["outcome"])])


def _copy(pipe: Path, log: Path) -> None:
    """A pipe takes what the agent says while its files take nothing."""
    with pipe.open("rb", buffering=0) as said, log.open("ab", buffering=0) as kept:
        while data := said.read(1 << 16):
            kept.write(data)


def killed(stage: Stage) -> None:
    stage.agent.kill()
    stage.agent.wait()
    stage.agent_start()


def disk_full(stage: Stage) -> None:
    """No file may grow, as on a disk without room: every such write of the agent fails."""
    free = resource.prlimit(stage.agent.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stage.agent.pid, resource.RLIMIT_FSIZE, (0, free[1]))
    stage.pass_time()
    resource.prlimit(stage.agent.pid, resource.RLIMIT_FSIZE, free)


def clock_ahead(stage: Stage) -> None:
    _clock_wrong(stage, 400 * DAY)


def clock_behind(stage: Stage) -> None:
    _clock_wrong(stage, -400 * DAY)


def _clock_wrong(stage: Stage, seconds: int) -> None:
    stage.clock.write_text(str(seconds))
    stage.pass_time()
    stage.clock.write_text("0")


def network_lost(stage: Stage) -> None:
    links = (stage.market, stage.node, stage.printer)
    for link in links:
        link.silence()
    stage.pass_time()
    for link in links:
        link.mend()


def marketplace_down(stage: Stage) -> None:
    _refused(stage, stage.market)


def node_down(stage: Stage) -> None:
    _refused(stage, stage.node)


def printer_out_of_reach(stage: Stage) -> None:
    _refused(stage, stage.printer)


def _refused(stage: Stage, link: Link) -> None:
    link.refuse()
    stage.pass_time()
    link.mend()


def printer_server_restarted(stage: Stage) -> None:
    stage.bench.printers.kill()
    stage.bench.printers.wait()
    stage.pass_time()
    stage.bench.printers = stage.children.enter_context(stage.bench.printers_start())


def printer_unplugged(stage: Stage) -> None:
    _printer_fault(stage, "disconnect")


def power_cut(stage: Stage) -> None:
    _printer_fault(stage, "power_loss")


def _printer_fault(stage: Stage, fault: str) -> None:
    assert requests.post(f"{stage.bench.printer_url}/fault", json={"fault": fault}, timeout=5).ok
    stage.pass_time()


FAULTS = {
    killed: 1,
    disk_full: 1,
    clock_ahead: 1,
    clock_behind: 1,
    network_lost: 1,
    marketplace_down: 1,
    node_down: 1,
    printer_out_of_reach: 1,
    printer_server_restarted: 2,
    printer_unplugged: 2,
    power_cut: 2,
}
"""How many prints it takes: one that the fault breaks is made again, and none besides."""


@pytest.fixture
def stage(bench: Bench, tmp_path: Path) -> Iterator[Stage]:
    targets = (bench.market.url, bench.anvil.url, bench.printer_url)
    clock, config = tmp_path / "clock", bench.home / "agent.toml"
    clock.write_text("0")
    with ExitStack() as children:
        links = []
        for target in targets:
            link = children.enter_context(linked(urlsplit(target).port))
            config.write_text(config.read_text().replace(f":{urlsplit(target).port}", f":{link.port}"))
            links.append(link)
        bench.market.url = links[0].url
        yield Stage(bench, *links, clock, children)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("fault", "prints"), FAULTS.items(), ids=lambda value: getattr(value, "__name__", None)
)
def test_a_fault_at_every_status_costs_nothing(
    stage: Stage, fault: Callable[[Stage], None], prints: int
) -> None:
    bench = stage.bench
    open_job(bench)
    stage.agent_start()
    sent = eventually(lambda: bench.market.bids)[0]
    agreement = bench.award(sent)
    eventually(lambda: bench.market.evidence.get(agreement))
    stage.hold()
    bench.grant(agreement)
    fault(stage)
    for status in list(MakingStatus)[1:-2]:
        eventually(stage.is_held, 60)
        assert bench.making() is status
        fault(stage)
        if status is MakingStatus.PRINTING:
            eventually(lambda: stage.prints("RUNNING"), 30, 0.01)
            stage.hold()
            fault(stage)
    bench.anvil.advance(15 * DAY)
    eventually(lambda: bench.making() is MakingStatus.PAID, 60)
    eventually(lambda: bench.status()["makings"][0]["evidence_unsent"] == 0, 60)
    assert (stage.prints(), stage.prints("FINISHED")) == (prints, 1)
    assert bench.status()["makings"][0]["how"] == "CLAIMED"
    assert bench.status()["earned_wei"] == sent["bid"]["unitPrice"]
    assert bench.status()["reservations"] == []
    assert bench.latest_record(agreement) <= bench.anvil.now()
    kinds = check_evidence(bench, agreement)
    once = ("model received", "print finished")
    assert [kinds.count(kind) for kind in once] == [1, 1]
    assert (kinds.count("print started"), kinds.count("print failed")) == (prints, prints - 1)
    assert bench.anvil.web3.eth.get_transaction_count(bench.bo.address) == 2
