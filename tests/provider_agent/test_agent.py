"""The whole agent as a process: real chain, real slicer, real virtual printer, killed with -9 again and again."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from eth_account.signers.local import LocalAccount

from contracts.artifacts import abi
from contracts.deploy import deploy
from protocol.evidence import SignedEvidence, evidence_check, head_of
from protocol.statuses import MakingStatus
from protocol.terms import Bid, agreement_id
from protocol.typed import escrow_domain, infill_domain
from protocol.units import address_of, digest_of, hex_of
from provider_agent.journal.makings import makings
from provider_agent.journal.store import journal_read
from tests.anvil import Anvil, running_anvil
from tests.processes import eventually, free_port, process
from tests.provider_agent.market import Market, running
from tests.provider_agent.samples import CUBE, MODEL_SALT, job, job_json, part, spec

AGENT = [sys.executable, "-m", "provider_agent"]
ENDED = (MakingStatus.PAID, MakingStatus.FAILED)


@dataclass
class Bench:
    """Bo's workshop: a chain that mines by itself, a printer, a marketplace, and the agent's home."""

    anvil: Anvil
    escrow: str
    market: Market
    home: Path
    printer_url: str
    bo: LocalAccount
    ada: LocalAccount

    def agent(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*AGENT, "--home", str(self.home), *arguments],
            env=self.env(),
            capture_output=True,
            text=True,
            check=check,
            timeout=60,
        )

    def start(self) -> Any:
        return process([*AGENT, "--home", str(self.home), "run"], self.home / "agent.log", env=self.env())

    def env(self) -> dict[str, str]:
        return {**os.environ, "INFILL_AGENT_PASSWORD_FILE": str(self.home.parent / "password")}

    def status(self) -> dict[str, Any]:
        return json.loads(self.agent("status", "--json").stdout)

    def making(self) -> MakingStatus | None:
        if not (self.home / "journal.sqlite3").exists():
            return None
        journal = journal_read(self.home / "journal.sqlite3")
        found = makings(journal)
        journal.close()
        return found[0].status if found else None

    def contract(self) -> Any:
        return self.anvil.web3.eth.contract(address=self.escrow, abi=abi("PrintEscrow"))

    def award(self, sent: dict[str, Any], units: int = 1) -> str:
        bid = Bid.from_json(sent["bid"])
        signature = bytes.fromhex(sent["signature"][2:])
        zero = bytes(32)
        data = self.contract().encode_abi(
            "award", [bid.as_tuple(), signature, sent["signer"], units, zero, zero, False]
        )
        receipt = self.anvil.send(
            self.ada, {"to": self.escrow, "data": data, "value": bid.unit_price * units}
        )
        assert receipt["status"] == 1
        return hex_of(agreement_id(bid, escrow_domain(self.anvil.chain_id, address_of(self.escrow))))

    def release(self, sent: dict[str, Any]) -> None:
        bid = Bid.from_json(sent["bid"])
        data = self.contract().encode_abi("release", [bid.as_tuple(), bid.unit_price * bid.max_units])
        assert self.anvil.send(self.ada, {"to": self.escrow, "data": data})["status"] == 1

    def grant(self, agreement: str) -> None:
        self.market.files["cube"] = CUBE
        entry = {
            "design": "d",
            "name": "cube.stl",
            "copies": 1,
            "model": hex_of(part().model),
            "salt": hex_of(MODEL_SALT),
            "bytes": len(CUBE),
            "url": f"{self.market.url}/files/cube",
        }
        self.market.grants[agreement] = [entry]

    def prints(self) -> list[dict[str, Any]]:
        return requests.get(f"{self.printer_url}/history", timeout=5).json()["prints"]


@pytest.fixture
def bench(tmp_path: Path, bo: LocalAccount, ada: LocalAccount) -> Iterator[Bench]:
    (tmp_path / "password").write_text("correct horse\n")
    (tmp_path / "key").write_text(hex_of(bo.key))
    (tmp_path / "printers" / "p1").mkdir(parents=True)
    (tmp_path / "printers" / "p1" / "printer.toml").write_text('serial = "p1"\n')
    port = free_port()
    printers = [*AGENT, "virtual-printer", "--home", str(tmp_path / "printers"), "--port", str(port)]
    url = f"http://127.0.0.1:{port}/printers/p1"
    with (
        running_anvil(tmp_path, "--block-time", "1") as anvil,
        process([*printers, "--speed-up", "60"], tmp_path / "printers.log"),
    ):
        anvil.fund(bo, ada)
        found = deploy(anvil.web3, anvil.web3.eth.accounts[0], tmp_path)
        with running(Market(anvil.chain_id, found.escrow)) as market:
            bench = Bench(anvil, found.escrow, market, tmp_path / "home", url, bo, ada)
            eventually(lambda: requests.get(f"{url}/identify", timeout=1).ok)
            made = bench.agent(
                "init",
                *("--marketplace", market.url, "--rpc-url", anvil.url, "--chain-id", str(anvil.chain_id)),
                *("--escrow", found.escrow, "--key-file", str(tmp_path / "key")),
                *("--printer", f"p1,virtual,{url},220x220x250,PLA:black"),
            )
            assert made.stdout.strip() == bo.address
            yield bench


@contextmanager
def forwarding(port: int, target: int) -> Iterator[None]:
    """A TCP port that leads to another."""

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", target)) as there:
                pair = [self.request, there]
                while True:
                    for readable in select.select(pair, [], [])[0]:
                        data = readable.recv(1 << 16)
                        if not data:
                            return
                        pair[readable is self.request].sendall(data)

    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Forward) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


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


def reached(bench: Bench, status: MakingStatus) -> bool:
    order = list(MakingStatus)
    return order.index(bench.making()) >= order.index(status)


def open_job(bench: Bench, **changes: Any) -> None:
    found = job(spec(designer=address_of(bench.ada.address), **changes))
    bench.market.jobs[found.id] = job_json(found)


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
    status = bench.status()
    assert status["makings"][0]["status"] == "PAID", status
    assert status["earned_wei"] == sent["bid"]["unitPrice"]
    assert len(bench.prints()) == 1
    kinds = check_evidence(bench, agreement)
    assert [kinds.count(kind) for kind in ("print started", "print finished", "model received")] == [1, 1, 1]
    assert bench.anvil.web3.eth.get_transaction_count(bench.bo.address) == 1


def play(bench: Bench, *, until: MakingStatus, seconds: float = 90) -> None:
    """Answer what a running agent needs from a person, until the making is there."""
    eventually(partial(reached, bench, until), seconds, 0.1)


@pytest.mark.timeout(240)
def test_it_makes_every_copy_through_faults_and_without_the_marketplace(bench: Bench) -> None:
    """Two units; the first print fails; plates are cleared by hand; the marketplace goes; nobody releases."""
    config = bench.home / "agent.toml"
    config.write_text(config.read_text().replace("# auto_clear = false ", "auto_clear = false "))
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


def active(bench: Bench) -> bool:
    return requests.get(f"{bench.printer_url}/snapshot", timeout=5).json()["status"] == "PRINTING"


def attempts(bench: Bench) -> list[str]:
    return [attempt["status"] for attempt in bench.status()["makings"][0]["attempts"]]


@pytest.mark.timeout(120)
def test_a_node_that_is_not_there_yet_is_waited_for(bench: Bench) -> None:
    port = free_port()
    config = bench.home / "agent.toml"
    config.write_text(config.read_text().replace(bench.anvil.url, f"http://127.0.0.1:{port}"))
    open_job(bench)
    log = bench.home / "agent.log"
    with bench.start():
        eventually(lambda: "does not answer" in log.read_text())
        with forwarding(port, int(bench.anvil.url.rsplit(":", 1)[1])):
            eventually(lambda: bench.market.bids, 30)
    assert log.read_text().count("does not answer") == 1
    assert "it is back" in log.read_text()


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
