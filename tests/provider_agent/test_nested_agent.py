"""The whole agent with a job of several small copies: fewer prints than copies, killed with -9 in the middle of each."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from protocol.statuses import MakingStatus
from tests.processes import eventually
from tests.provider_agent.bench import Bench, open_job, play
from tests.provider_agent.test_agent import check_evidence

UNITS = 6
PLATE_S = 600
"""Three cubes by the agent's estimate."""


def copies_of(bench: Bench, agreement: str, kind: str) -> list[list[int]]:
    """The copies that each record of a kind names."""
    told = [entry for entry in bench.market.evidence[agreement] if entry["record"]["kind"] == kind]
    return [item["copies"] for entry in told for item in entry["payload"]["items"]]


def killed_at_plate(bench: Bench, agent: subprocess.Popen[bytes], plate: int) -> None:
    """As soon as its printer has begun it."""
    eventually(lambda: len(bench.prints()) > plate, 120, 0.05)
    os.kill(agent.pid, signal.SIGKILL)
    agent.wait()


@pytest.mark.timeout(400)
def test_killed_in_the_middle_of_each_plate_it_prints_each_copy_once(bench: Bench) -> None:
    config = bench.home / "agent.toml"
    config.write_text(config.read_text().replace("# plate_s = 14400", f"plate_s = {PLATE_S}"))
    open_job(bench, quantity=UNITS)
    with bench.start() as agent:
        sent = eventually(lambda: bench.market.bids)[0]
        agreement = bench.award(sent, units=UNITS)
        eventually(bench.making)
        bench.grant(agreement)
        killed_at_plate(bench, agent, 0)
    with bench.start() as agent:
        killed_at_plate(bench, agent, 1)
    with bench.start():
        play(bench, until=MakingStatus.DELIVERED, seconds=120)
        bench.release(sent)
        play(bench, until=MakingStatus.PAID)
        eventually(lambda: bench.status()["makings"][0]["evidence_unsent"] == 0, 60)
    assert [entry["outcome"] for entry in bench.prints()] == ["FINISHED", "FINISHED"]
    kinds = check_evidence(bench, agreement)
    assert [kinds.count(kind) for kind in ("sliced", "print started", "print finished")] == [1, 2, 2]
    for kind in ("print started", "print finished"):
        assert copies_of(bench, agreement, kind) == [[0, 1, 2], [3, 4, 5]]
    assert bench.status()["earned_wei"] == str(UNITS * int(sent["bid"]["unitPrice"]))
