"""Following the escrow's awards to us, up to the final block only, and what follows from chain time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from protocol.errors import InfillError
from protocol.statuses import BidStatus
from protocol.units import Digest, ether_text, hex_of
from provider_agent.capacity import reserve
from provider_agent.catching_up.bids import award_adopt
from provider_agent.chain import LOG_WINDOW
from provider_agent.chain_types import AwardLog, Block
from provider_agent.errors import WrongChain
from provider_agent.journal.bids import BidRow, bid_end, bid_find, bids_expired
from provider_agent.journal.facts import cursor, cursor_set
from provider_agent.journal.makings import making_add
from provider_agent.journal.reservations import reservation_seconds, reservations_held
from provider_agent.journal.restored import restored_at
from provider_agent.journal.spools import stock_again
from provider_agent.making.context import Context
from provider_agent.outage import Outage

log = logging.getLogger(__name__)

FOLLOW_SECONDS = 1.0


class Awards:
    """`on_won` is called for each agreement that is new in the journal."""

    def __init__(self, context: Context, on_won: Callable[[Digest], None]) -> None:
        self._context = context
        self._on_won = on_won
        self._outage = Outage("node")

    async def node_wait(self) -> None:
        """Until the node answers. Raises WrongChain where it is not the chain of agent.toml."""
        while True:
            try:
                await self._context.chain.check()
                break
            except WrongChain:
                raise
            except InfillError as error:
                self._outage.lost(error)
                await asyncio.sleep(FOLLOW_SECONDS)
        self._outage.back()
        if cursor(self._context.journal) is None:
            cursor_set(self._context.journal, (await self._context.chain.final()).number)

    async def run(self) -> None:
        """Follow for ever."""
        while True:
            try:
                await self.follow()
                self._outage.back()
            except InfillError as error:
                self._outage.lost(error)
            await asyncio.sleep(FOLLOW_SECONDS)

    async def follow(self) -> None:
        """One look: journal every final award since the cursor, then expire bids that no block can award."""
        final = await self._context.chain.final()
        done = cursor(self._context.journal) or 0
        while done < final.number:
            last = min(done + LOG_WINDOW, final.number)
            found = await self._context.chain.awards(self._context.wallet.provider, done + 1, last)
            await self._known_make(found)
            for agreement in self._journal_awards(found, last):
                self._on_won(agreement)
            done = last
        self._expire(final)

    async def _known_make(self, found: list[AwardLog]) -> None:
        """A journal that was restored may lack bids that it made since its backup."""
        if restored_at(self._context.journal) is not None:
            for award in found:
                if bid_find(self._context.journal, award.agreement) is None:
                    await award_adopt(self._context, award.agreement)

    def _journal_awards(self, found: list[AwardLog], last: int) -> list[Digest]:
        won = []
        with self._context.journal.atomic():
            for award in found:
                if self._won(award):
                    won.append(award.agreement)
            cursor_set(self._context.journal, last)
        return won

    def _won(self, award: AwardLog) -> bool:
        journal = self._context.journal
        row = bid_find(journal, award.agreement)
        if row is None or row.signature is None:
            log.error(
                "an award of %s names us, but this journal has no such bid: it is not made",
                hex_of(award.agreement),
            )
            return False
        new = making_add(
            journal,
            agreement=award.agreement,
            units=award.units,
            block=award.block,
            transaction=award.transaction,
        )
        if new:
            self._time_keep(row)
            price = ether_text(row.bid.unit_price * award.units)
            log.info("won %s: %r for %s", hex_of(award.agreement)[:10], row.spec.title, price)
        return new

    def _time_keep(self, row: BidRow) -> None:
        """A bid that seemed lost gave its time and material back: it needs them again, wherever they are."""
        journal = self._context.journal
        if not any(held.agreement == row.agreement for held in reservations_held(journal, row.serial)):
            seconds = reservation_seconds(journal, row.agreement)
            reserve(
                journal, agreement=row.agreement, serial=row.serial, seconds=seconds, now=int(time.time())
            )
            stock_again(journal, row.agreement)

    def _expire(self, final: Block) -> None:
        """Bids that were valid until before the final block, all of whose awards are in the journal."""
        for row in bids_expired(self._context.journal, final.time):
            if bid_end(self._context.journal, row.agreement, BidStatus.EXPIRED, "nobody awarded it in time"):
                log.info("the bid for %r has expired", row.spec.title)
