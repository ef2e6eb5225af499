"""Bo's agent with one agreement won and final, an in-test marketplace, and a printer that does as the test says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.calls import Award
from protocol.units import ZERO_DIGEST, Digest, address_of
from provider_agent.chain import Chain
from provider_agent.drivers.base import (
    Accepted,
    AttemptFate,
    CommandReply,
    Driver,
    DriverCapabilities,
    Identity,
    PrinterStatus,
    Reconciled,
    Snapshot,
    Started,
    StartReply,
    Unknown,
    Uploaded,
)
from provider_agent.journal.makings import Making, making_add, making_get
from provider_agent.journal.store import Journal
from provider_agent.making.context import Context
from provider_agent.wallet import Wallet
from tests.provider_agent.bids import bid, bid_journal


@dataclass
class ScriptedPrinter(Driver):
    """The driver boundary. `replies` to start, in order (Started when used up); `fates` of attempts it knows."""

    replies: list[StartReply] = field(default_factory=list)
    fates: dict[str, Reconciled] = field(default_factory=dict)
    status: PrinterStatus = PrinterStatus.READY
    progress: float | None = None
    started: list[str] = field(default_factory=list)
    uploaded: list[str] = field(default_factory=list)
    upload_error: Exception | None = None
    discard_error: Exception | None = None
    discarded: list[str] = field(default_factory=list)
    starts_silently: bool = False
    ends: AttemptFate = AttemptFate.FINISHED
    printed_sha256: str | None = None

    def capabilities(self) -> DriverCapabilities:
        return DriverCapabilities(
            pause=False,
            emergency_stop=False,
            recover=True,
            clear=True,
            attempts=True,
            upload_digest="sha256",
            pushed_events=False,
        )

    async def identify(self) -> Identity:
        return Identity("Test", "Scripted", "p1", "1", "test")

    async def snapshot(self) -> Snapshot:
        return Snapshot(self.status, time.time(), progress=self.progress)

    async def events(self) -> AsyncIterator[Snapshot]:
        yield await self.snapshot()

    async def upload(self, path: Path, remote_name: str) -> Uploaded:
        if self.upload_error:
            raise self.upload_error
        self.uploaded.append(remote_name)
        return Uploaded(remote_name, path.stat().st_size, verified=True)

    async def start(self, remote_name: str, attempt: str) -> StartReply:
        reply = self.replies.pop(0) if self.replies else Started(attempt)
        if isinstance(reply, Started) or (isinstance(reply, Unknown) and self.starts_silently):
            self.started.append(attempt)
            self.fates[attempt] = Reconciled(attempt, self.ends, file_sha256=self.printed_sha256)
            self.status = PrinterStatus.FINISHED_UNCLEARED
        return reply

    async def reconcile(self, attempt: str) -> Reconciled:
        return self.fates.get(attempt, Reconciled(attempt, AttemptFate.NOT_STARTED))

    async def clear(self) -> CommandReply:
        self.status = PrinterStatus.READY
        return Accepted()

    async def recover(self) -> CommandReply:
        self.status = PrinterStatus.FINISHED_UNCLEARED
        return Accepted()

    pause = resume = cancel = emergency_stop = clear

    async def discard(self, remote_name: str, attempt: str) -> None:
        if self.discard_error:
            raise self.discard_error
        self.discarded.append(remote_name)

    async def close(self) -> None:
        await asyncio.sleep(0)


def agreement_won(
    journal: Journal,
    wallet: Wallet,
    chain: Chain,
    anvil: Any,
    ada: Any,
    *,
    units: int = 1,
    standby: Digest = ZERO_DIGEST,
    **terms: Any,
) -> Digest:
    """A bid of Bo's, journalled, awarded by Ada, final, and a making."""
    offered = bid(
        **{
            "provider": wallet.address,
            "designer": address_of(ada.address),
            "valid_until": anvil.now() + 3600,
            "max_units": units,
            **terms,
        }
    )
    agreement = offered.digest(chain.domain)
    signature = wallet.sign(agreement)
    bid_journal(journal, agreement, offered, signature=signature)
    data = Award(offered, signature, wallet.address, units, standby, ZERO_DIGEST, False).data
    receipt = anvil.send(ada, {"to": chain.escrow, "data": data, "value": offered.unit_price * units})
    assert receipt["status"] == 1
    anvil.finalise()
    making_add(journal, agreement=agreement, units=units, block=receipt["blockNumber"], transaction="0x00")
    return agreement


def making(context: Context, agreement: Digest) -> Making:
    return making_get(context.journal, agreement)
