"""What every step of a making works with."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn

from pyrage.x25519 import Identity

from contracts.views import AgreementWord
from protocol.statuses import AgreementFlag, AgreementStatus
from protocol.terms import price_of
from protocol.units import Digest, ether_text, hex_of
from provider_agent.chain import Chain
from provider_agent.chain_types import Block
from provider_agent.config import Config
from provider_agent.errors import (
    JournalBroken,
    MakingFailed,
    MarketplaceRefused,
    MarketplaceUnreachable,
    NodeUnreachable,
)
from provider_agent.evidence_log import EvidenceLog
from provider_agent.fleet import Fleet
from provider_agent.journal.bids import bid_get
from provider_agent.journal.makings import Making, making_paid
from provider_agent.journal.store import Journal
from provider_agent.marketplace import Marketplace
from provider_agent.wallet import Wallet

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
SLICERS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""Models sliced at once. Each takes a core and memory by the hundred megabytes: the rest wait in order."""
GIVEN_UP = "the agreement was given up on chain"


class Wakes:
    """Wake-ups by agreement: a runner sleeps until one comes, or a moment at most."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def wake(self, agreement: str) -> None:
        """Something may have changed for this agreement (0x text); nothing where nobody sleeps for it."""
        if event := self._events.get(agreement):
            event.set()

    def wake_all(self) -> None:
        """Something may have changed for any agreement."""
        for event in self._events.values():
            event.set()

    async def sleep(self, agreement: Digest, seconds: float = POLL_SECONDS) -> None:
        """Until woken, at most so long."""
        event = self._events.setdefault(hex_of(agreement), asyncio.Event())
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)
        event.clear()


@dataclass(frozen=True)
class Context:
    """The agent's parts, as its runners see them."""

    home: Path
    config: Config
    journal: Journal
    chain: Chain
    wallet: Wallet
    marketplace: Marketplace
    fleet: Fleet
    identity: Identity = field(default_factory=Identity.generate)
    wakes: Wakes = field(default_factory=Wakes)
    said: dict[Digest, str] = field(default_factory=dict)
    named: dict[Digest, bytes] = field(default_factory=dict)
    """Statements that name this agent as an agreement's recipient: signing takes longer than asking."""
    slicers: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, SLICERS))

    def log_of(self, agreement: Digest) -> EvidenceLog:
        """The evidence log of an agreement."""
        return EvidenceLog(
            self.journal,
            agreement,
            actor=self.wallet.provider,
            domain=self.chain.infill,
            sign=self.wallet.sign,
            now=self.chain.clock.now,
        )

    def say_once(self, agreement: Digest, text: str, level: int = logging.INFO) -> None:
        """Log a line about an agreement, unless it was the last one."""
        if self.said.get(agreement) != text:
            self.said[agreement] = text
            log.log(level, "%s: %s", hex_of(agreement)[:10], text)

    def folder(self, agreement: Digest) -> Path:
        """Where the files of an agreement are."""
        return making_folder(self.home, agreement)

    async def live_word(self, making: Making) -> AgreementWord:
        """The agreement's word at the last final block. Raises MakingFailed unless making is still paid for.

        Raises NodeUnreachable from a node that is behind the award. Made is what this journal signed: the id
        is the digest of those terms; price and units must agree. What is paid in full stays to be made.
        """
        row = bid_get(self.journal, making.agreement)
        if row.bid.digest(self.chain.domain) != making.agreement:
            raise JournalBroken(f"the terms kept for {hex_of(making.agreement)} are not those of its id")
        final, word = await self.final_word(making)
        if word.status is AgreementStatus.CLOSED:
            if word.paid < word.price:
                await self._closed_early(making, word, final)
            return word
        if word.status is not AgreementStatus.AWARDED:
            raise MakingFailed(f"the agreement is {word.status} on chain, not AWARDED")
        if given_up(word):
            raise MakingFailed(GIVEN_UP)
        if word.price != price_of(row.bid, making.units):
            raise MakingFailed(
                f"the escrow holds {ether_text(word.price)}, not the price of {making.units} units"
            )
        if (await self.chain.head()).time > word.clock + row.bid.make_time:
            raise MakingFailed("the time to deliver is over")
        return word

    async def may_start(self, making: Making) -> bool:
        """Whether a print may begin: paid for by final blocks and the newest, and nobody can cancel for free.

        Raises as `live_word` does. False while that is unsure: a step is not final, or the grace time runs.
        """
        word = await self.live_word(making)
        if word.status is AgreementStatus.CLOSED:
            return True
        if await self._in_grace(making, word) and not await self._waived(making):
            self.say_once(making.agreement, "printing waits for the end of the grace time")
            return False
        newest = await self.chain.word(making.agreement)
        if newest.status is not word.status or given_up(newest):
            self.say_once(making.agreement, f"printing waits: {newest.status} on chain, and not final yet")
            return False
        return True

    async def _in_grace(self, making: Making, word: AgreementWord) -> bool:
        """Whether a block to come may hold a free cancel: each is later than the last final one."""
        grace = bid_get(self.journal, making.agreement).bid.grace_time
        return bool(grace) and (await self.chain.final()).time <= word.clock + grace

    async def _waived(self, making: Making) -> bool:
        try:
            return await self.marketplace.grace_waived(making.agreement)
        except (MarketplaceRefused, MarketplaceUnreachable):
            return False

    async def final_word(self, making: Making) -> tuple[Block, AgreementWord]:
        """The last final block and the agreement's word there, which is not NONE.

        Raises MakingFailed where a reorganisation took the award back, NodeUnreachable while that is open.
        """
        final = await self.chain.final()
        word = await self.chain.word(making.agreement, final.number)
        if word.status is not AgreementStatus.NONE:
            return final, word
        newest = await self.chain.word(making.agreement)
        if final.number >= making.award_block and newest.status is AgreementStatus.NONE:
            raise MakingFailed("the award is not on chain any more: a reorganisation took it back")
        raise NodeUnreachable(f"the node is behind: its final block {final.number} lacks the award")

    async def _closed_early(self, making: Making, word: AgreementWord, final: Block) -> NoReturn:
        how = await self.chain.closing(making.agreement, making.award_block, final.number)
        making_paid(self.journal, making.agreement, word.paid, how)
        raise MakingFailed(f"the agreement was closed before it was made ({how})")


def making_folder(home: Path, agreement: Digest) -> Path:
    """Where the files of an agreement are, in the agent's home."""
    return home / "makings" / agreement.hex()


def given_up(word: AgreementWord) -> bool:
    """Whether its provider said on chain that it will not deliver."""
    return bool(word.flags & AgreementFlag.GIVEN_UP)
