"""The whole agent as a process: real chain, real slicer, real virtual printer, killed with -9 again and again."""

from __future__ import annotations

import os
import signal
from functools import partial

import pytest
import requests

from protocol.evidence import SignedEvidence, evidence_check, head_of
from protocol.statuses import MakingStatus
from protocol.typed import infill_domain
from protocol.units import address_of, digest_of
from tests.processes import eventually
from tests.provider_agent.bench import Bench, active, attempts, open_job, play, reached
from tests.provider_agent.faults.links import linked

ENDED = (MakingStatus.PAID, MakingStatus.FAILED)


def check_evidence(bench: Bench, agreement: str) -> list[str]:
    """The marketplace's copy is one unbroken log of Bo's; the kinds in it."""
    domain = infill_domain(bench.anvil.chain_id, address_of(bench.escrow))
    last = None
    for entry in bench.market.evidence[agreement]:
        signed = SignedEvidence.from_json(entry)
        evidence_check(
            signed,
            domain=domain,
            agreement=digest_of(agreement),
            actor=address_of(bench.bo.address),
            previous=last,
        )
        last = signed
    delivered = bench.contract().events.Delivered().get_logs(from_block=0)
    assert [log["args"]["head"] for log in delivered] == [head_of(last, domain)]
    return [entry["record"]["kind"] for entry in bench.market.evidence[agreement]]


@pytest.mark.timeout(180)
def test_killed_at_every_status_it_prints_once_and_is_paid(bench: Bench) -> None:
    open_job(bench)
    with bench.start():
        sent = eventually(lambda: bench.market.bids)[0]
        agreement = bench.award(sent)
        eventually(bench.making)
    for status in list(MakingStatus)[:-2]:
        with bench.start() as agent:
            if status is MakingStatus.FETCHED:
                bench.grant(agreement)
            if status is MakingStatus.DELIVERED:
                eventually(lambda: bench.making() is MakingStatus.DELIVERED, 60, 0.002)
                bench.release(sent)
            eventually(partial(reached, bench, status), 60, 0.002)
            os.kill(agent.pid, signal.SIGKILL)
            agent.wait()
    with bench.start():
        eventually(lambda: bench.making() in ENDED, 60)
        eventually(lambda: bench.status()["makings"][0]["evidence_unsent"] == 0)
        eventually(lambda: bench.status()["makings"][0]["files_deleted_at"])
    assert list((bench.home / "makings").iterdir()) == []
    status = bench.status()
    assert status["makings"][0]["status"] == "PAID", status
    assert status["earned_wei"] == sent["bid"]["unitPrice"]
    assert len(bench.prints()) == 1
    kinds = check_evidence(bench, agreement)
    assert [kinds.count(kind) for kind in ("print started", "print finished", "model received")] == [1, 1, 1]
    assert bench.anvil.web3.eth.get_transaction_count(bench.bo.address) == 1


@pytest.mark.timeout(240)
def test_it_makes_every_copy_through_faults_and_without_the_marketplace(bench: Bench) -> None:
    """Two units, each alone; the first print fails; plates are cleared by hand; the marketplace goes; nobody
    releases."""
    config = bench.home / "agent.toml"
    text = config.read_text().replace("# auto_clear = false ", "auto_clear = false ")
    config.write_text(text.replace("# plate_s = 14400", "plate_s = 0"))
    open_job(bench, quantity=2)
    with bench.start():
        sent = eventually(lambda: bench.market.bids)[0]
        agreement = bench.award(sent, units=2)
        eventually(bench.making)
        bench.grant(agreement)
        play(bench, until=MakingStatus.SLICED)
        bench.market.refusals["/"] = bench.market.refusals[""] = (503, {})
        eventually(lambda: active(bench), 30)
        assert requests.post(f"{bench.printer_url}/fault", json={"fault": "thermal_runaway"}, timeout=5).ok
        eventually(lambda: attempts(bench) == ["FAILED"], 30)
        assert "is printing" not in bench.agent("clear", "p1").stderr
        eventually(lambda: attempts(bench) == ["FAILED", "FINISHED"], 60)
        assert len(bench.prints()) == 2
        bench.agent("clear", "p1")
        eventually(lambda: attempts(bench) == ["FAILED", "FINISHED", "FINISHED"], 60)
        assert bench.making() is MakingStatus.PRINTED
        bench.agent("clear", "p1")
        play(bench, until=MakingStatus.DELIVERED)
        bench.anvil.advance(15 * 86400)
        play(bench, until=MakingStatus.PAID)
        bench.market.refusals.clear()
        eventually(lambda: bench.status()["makings"][0]["evidence_unsent"] == 0, 90)
    kinds = check_evidence(bench, agreement)
    assert [kinds.count(kind) for kind in ("print started", "print failed", "print finished")] == [3, 1, 2]
    assert bench.status()["makings"][0]["how"] == "CLAIMED"
    assert bench.status()["earned_wei"] == str(2 * int(sent["bid"]["unitPrice"]))
    assert len(bench.prints()) == 3
    printing = (sample for sample in bench.market.telemetry if sample["status"] == "PRINTING")
    assert next(printing)["agreement"] == agreement


@pytest.mark.timeout(120)
def test_a_node_that_is_not_there_yet_is_waited_for(bench: Bench) -> None:
    config, log = bench.home / "agent.toml", bench.home / "agent.log"
    with linked(int(bench.anvil.url.rsplit(":", 1)[1])) as link:
        link.refuse()
        config.write_text(config.read_text().replace(bench.anvil.url, link.url))
        open_job(bench)
        with bench.start():
            eventually(lambda: "does not answer" in log.read_text())
            link.mend()
            eventually(lambda: bench.market.bids, 30)
            said = log.read_text()
    assert said.count("does not answer") == 1
    assert "it is back" in said


def test_an_agent_of_another_chain_stops_and_says_why(bench: Bench) -> None:
    config = bench.home / "agent.toml"
    config.write_text(config.read_text().replace("chain_id = 31337", "chain_id = 5"))
    result = bench.agent("run", check=False)
    assert result.returncode == 1
    assert "follows chain 31337, agent.toml says 5" in result.stderr
    assert "Traceback" not in result.stderr


def test_it_stops_when_asked_and_lets_nobody_else_in_meanwhile(bench: Bench) -> None:
    with bench.start() as agent:
        eventually(lambda: bench.market.printers)
        second = bench.agent("run", check=False)
        assert (second.returncode, f"process {agent.pid}" in second.stderr) == (1, True)
        agent.terminate()
        assert agent.wait(20) == 0
    assert "Traceback" not in (bench.home / "agent.log").read_text()
