"""One job through the whole product, step by step, as a designer's program would take it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from demo import agents, audit, cast
from demo.designer import Designer
from demo.parts import BRACKET
from demo.stack import Stack
from tests.processes import eventually

HOUR = 3600


class Market:
    """What the tests ask of the running product."""

    def __init__(self, stack: Stack, ada: Designer) -> None:
        self.stack = stack
        self.ada = ada
        self.network = ada.get("network")
        self.design = ada.upload(BRACKET.model)["id"]
        eventually(lambda: ada.get(f"designs/{self.design}")["status"] == "MEASURED", seconds=60)

    def post(self, **changes: Any) -> str:
        """Post a job and wait until it is open; its id."""
        body = {
            "title": "Shelf bracket",
            "parts": [{"design": self.design, "material": "PLA", "colour": "black"}],
            "quantity": 1,
            "deadline": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 48 * HOUR)),
            "budget": str(10**17),
        }
        job = self.ada.post("jobs", **(body | changes))["id"]
        eventually(lambda: self.ada.get(f"jobs/{job}")["status"] == "OPEN", seconds=30)
        return job

    def bid_of(self, job: str, provider: str) -> dict[str, Any]:
        """The bid of one provider, once it has come."""
        address = agents.address(self.stack.place, named(provider))

        def found() -> Any:
            return next((b for b in self.ada.get(f"jobs/{job}/bids") if b["provider"] == address), None)

        return eventually(found, seconds=40) | {"job": job}

    def printer(self, provider: str) -> dict[str, Any]:
        """What the provider's first printer itself says of itself."""
        return requests.get(
            f"{self.printers_url}/{named(provider).printers[0].serial}/snapshot", timeout=5
        ).json()

    @property
    def printers_url(self) -> str:
        """Where the virtual printers answer."""
        return f"http://127.0.0.1:{self.stack.place.printers_port}/printers"

    def award(self, bid: dict[str, Any]) -> Agreement:
        """Fund a bid with a transaction that Ada signs."""
        receipt = self.ada.send(self.ada.post(f"bids/{bid['id']}/award")["transaction"])
        return Agreement(self, bid["id"], bid, int(receipt["gasUsed"], 16))


@dataclass
class Agreement:
    """An awarded bid and what is known of it."""

    market: Market
    id: str
    bid: dict[str, Any]
    award_gas: int

    @property
    def now(self) -> dict[str, Any]:
        """As the marketplace mirrors it."""
        return self.market.ada.get(f"agreements/{self.id}")

    def reaches(self, *statuses: str, seconds: float = 120) -> None:
        """Wait until it stands at one of the statuses."""
        eventually(lambda: self.now["status"] in statuses, seconds=seconds, every=0.2)

    def release(self) -> int:
        """Pay in full; the gas it took."""
        receipt = self.market.ada.send(self.market.ada.post(f"agreements/{self.id}/release")["transaction"])
        eventually(lambda: self.now["status"] == "CLOSED" and self.now["final"], seconds=40)
        return int(receipt["gasUsed"], 16)

    def evidence(self) -> list[dict[str, Any]]:
        """The provider's records."""
        return self.market.ada.get(f"agreements/{self.id}/evidence")["provider"]

    def bundle(self, path: Path) -> Path:
        """Download the bundle."""
        path.write_bytes(self.market.ada.download(f"agreements/{self.id}/bundle"))
        return path

    def audit(self, bundle: Path, model: Path = BRACKET.model) -> audit.Verdict:
        """The auditor's verdict."""
        rpc, escrow = self.market.stack.place.rpc_url, self.market.network["escrow"]
        return audit.run(self.id, rpc, escrow, bundle, models=[model], columns=120)

    def prints(self, provider: str) -> list[dict[str, Any]]:
        """What the provider's printer itself has in its history for this agreement."""
        base = self.market.printers_url
        serials = [printer.serial for printer in named(provider).printers]
        histories = [requests.get(f"{base}/{serial}/history", timeout=5).json() for serial in serials]
        entries = [entry for history in histories for entry in _entries(history)]
        return [entry for entry in entries if entry["attempt"].startswith(self.id[2:18])]

    def agent_status(self, provider: str) -> dict[str, Any]:
        """What `infill-agent status --json` says of this making."""
        home = self.market.stack.place.agent_home(provider)
        command = [
            str(Path(sys.executable).with_name("infill-agent")),
            "--home",
            str(home),
            "status",
            "--json",
        ]
        found = json.loads(
            subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        )
        return next(making for making in found["makings"] if making["agreement"] == self.id)


def _entries(history: Any) -> list[dict[str, Any]]:
    return history if isinstance(history, list) else history["prints"]


def named(provider: str) -> cast.Provider:
    """A provider of the demo by name."""
    return next(p for p in cast.PROVIDERS if p.name == provider)


class JournalEye:
    """Reads one agent's journal as fast as it can, beside the running agent."""

    def __init__(self, home: Path) -> None:
        self._rows = sqlite3.connect(f"file:{home / 'journal.sqlite3'}?mode=ro", uri=True, timeout=5)

    def status(self, agreement: str) -> str | None:
        """The making's status, None before it is won."""
        row = self._rows.execute("SELECT status FROM makings WHERE agreement = ?", (agreement,)).fetchone()
        return row[0] if row else None
