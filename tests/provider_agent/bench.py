"""Bo's workshop: the agent as a process among a real chain, a real virtual printer and an in-test marketplace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests
from eth_account.signers.local import LocalAccount

from contracts.artifacts import abi
from contracts.calls import Award, Release
from contracts.deploy import deploy
from protocol.canonical import salted_digest
from protocol.statuses import MakingStatus
from protocol.terms import Bid, agreement_id
from protocol.typed import escrow_domain
from protocol.units import address_of, hex_of
from provider_agent.journal.makings import makings
from provider_agent.journal.store import journal_read
from tests.anvil import Anvil, running_anvil
from tests.processes import eventually, free_port, process
from tests.provider_agent.market import Market, running
from tests.provider_agent.samples import CUBE, MODEL_SALT, job, job_json, spec

AGENT = [sys.executable, "-m", "provider_agent"]


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
    printers: subprocess.Popen[bytes]
    machines: list[str]

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

    def printers_start(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Its virtual printers again, after their process has ended."""
        return process(self.machines, self.home.parent / "printers.log")

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
        data = Award(bid, signature, sent["signer"], units, zero, zero, False).data
        receipt = self.anvil.send(
            self.ada, {"to": self.escrow, "data": data, "value": bid.unit_price * units}
        )
        assert receipt["status"] == 1
        agreement = hex_of(agreement_id(bid, escrow_domain(self.anvil.chain_id, address_of(self.escrow))))
        sent["id"] = agreement
        self.market.agreed[agreement] = next(iter(self.market.jobs))
        return agreement

    def release(self, sent: dict[str, Any]) -> None:
        bid = Bid.from_json(sent["bid"])
        data = Release(bid, bid.unit_price * bid.max_units).data
        assert self.anvil.send(self.ada, {"to": self.escrow, "data": data})["status"] == 1

    def grant(self, agreement: str, model: bytes = CUBE) -> None:
        self.market.files["cube"] = model
        entry = {
            "design": "d",
            "name": "cube.stl",
            "copies": 1,
            "model": hex_of(salted_digest(MODEL_SALT, model)),
            "salt": hex_of(MODEL_SALT),
            "bytes": len(model),
            "url": f"{self.market.url}/files/cube",
        }
        self.market.grants[agreement] = [entry]

    def latest_record(self, agreement: str) -> int:
        """When the last record sent says that it was observed."""
        return max(int(entry["record"]["observedAt"]) for entry in self.market.evidence[agreement])

    def prints(self) -> list[dict[str, Any]]:
        return requests.get(f"{self.printer_url}/history", timeout=5).json()["prints"]


@contextmanager
def workshop(tmp_path: Path, bo: LocalAccount, ada: LocalAccount) -> Iterator[Bench]:
    """Made and not yet running; everything ends with it."""
    (tmp_path / "password").write_text("correct horse\n")
    (tmp_path / "key").write_text(hex_of(bo.key))
    (tmp_path / "printers" / "p1").mkdir(parents=True)
    (tmp_path / "printers" / "p1" / "printer.toml").write_text('serial = "p1"\n')
    port = free_port()
    place = ("--home", str(tmp_path / "printers"), "--port", str(port))
    machines = [*AGENT, "virtual-printer", *place, "--speed-up", "60"]
    url = f"http://127.0.0.1:{port}/printers/p1"
    with (
        running_anvil(tmp_path, "--block-time", "1") as anvil,
        process(machines, tmp_path / "printers.log") as printers,
    ):
        anvil.fund(bo, ada)
        found = deploy(anvil.web3, anvil.web3.eth.accounts[0], tmp_path)
        with running(Market(anvil.chain_id, found.escrow)) as market:
            bench = Bench(anvil, found.escrow, market, tmp_path / "home", url, bo, ada, printers, machines)
            eventually(lambda: requests.get(f"{url}/identify", timeout=1).ok)
            made = bench.agent(
                "init",
                *("--marketplace", market.url, "--rpc-url", anvil.url, "--chain-id", str(anvil.chain_id)),
                *("--escrow", found.escrow, "--key-file", str(tmp_path / "key")),
                *("--printer", f"p1,virtual,{url},220x220x250,PLA:black"),
            )
            assert made.stdout.strip() == bo.address
            yield bench


def reached(bench: Bench, status: MakingStatus) -> bool:
    order = list(MakingStatus)
    return order.index(bench.making()) >= order.index(status)


def open_job(bench: Bench, **changes: Any) -> None:
    found = job(spec(designer=address_of(bench.ada.address), **changes))
    bench.market.jobs[found.id] = job_json(found)


def play(bench: Bench, *, until: MakingStatus, seconds: float = 90) -> None:
    """Answer what a running agent needs from a person, until the making is there."""
    eventually(partial(reached, bench, until), seconds, 0.1)


def active(bench: Bench) -> bool:
    return requests.get(f"{bench.printer_url}/snapshot", timeout=5).json()["status"] == "PRINTING"


def attempts(bench: Bench) -> list[str]:
    return [attempt["status"] for attempt in bench.status()["makings"][0]["attempts"]]
