"""Bids for open jobs: decide, reserve, sign, ask the escrow, journal, send; and what became of them."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

from protocol.errors import InfillError, Malformed
from protocol.receipts import Shown
from protocol.statuses import BidStatus
from protocol.terms import Bid, agreement_id
from protocol.units import Address, Digest, ether_text, hex_of, time_of
from provider_agent.bidding import Decline, OpenJob, Terms
from provider_agent.books import book_shows
from provider_agent.capacity import reserve
from provider_agent.counter import Counter
from provider_agent.errors import MarketplaceRefused, MarketplaceUnreachable, NoRoom, NoStock
from provider_agent.explaining import verdict_json
from provider_agent.journal.bids import (
    BidRow,
    bid_add,
    bid_end,
    bid_get,
    bid_sent,
    bid_signed,
    bids_open,
    job_taken,
)
from provider_agent.journal.receipts import receipt_find, receipt_keep
from provider_agent.journal.restored import restored_at
from provider_agent.journal.spools import stock_reserve
from provider_agent.making.context import Context
from provider_agent.outage import Outage
from provider_agent.printers import printers_register
from provider_agent.receipts import receipt_of

log = logging.getLogger(__name__)

WAITING_LIMIT = 1000
"""Jobs told and not yet considered; a marketplace cannot fill the memory of an agent."""
LIST_SECONDS = 30.0
KEY_SECONDS = 2 * 24 * 60 * 60
RECONSIDER_SECONDS = 60.0
REASON_CHARS = 1_000
"""What a marketplace takes of a reason."""
AWARDED_ALREADY = "AgreementExists"
OVER = frozenset({BidStatus.LOST, BidStatus.WITHDRAWN, BidStatus.EXPIRED})


@dataclass
class _Seen:
    reason: str
    at: float


class Bidder:
    """One at a time, so that two jobs never reserve the same hour."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._journal = context.journal
        self._jobs: asyncio.Queue[OpenJob | None] = asyncio.Queue()
        self._seen: dict[str, _Seen] = {}
        self._relisting = False
        self._counter = Counter(context)
        self._outage = Outage("bidding")
        self._key_said = False

    def offer(self, job: OpenJob) -> None:
        """A job that takes bids, as the WebSocket tells it; beyond a bound the list will bring it."""
        if self._jobs.qsize() < WAITING_LIMIT:
            self._jobs.put_nowait(job)

    def relist(self) -> None:
        """Look at the marketplace's list again: something may have been missed."""
        if not self._relisting:
            self._relisting = True
            self._jobs.put_nowait(None)

    async def run(self) -> None:
        """Take jobs as they come; look at the list now and then."""
        self._unsigned_drop()
        while True:
            try:
                job = await asyncio.wait_for(self._jobs.get(), LIST_SECONDS)
            except TimeoutError:
                job = None
            try:
                await (self._look() if job is None else self._consider(job))
                self._outage.back()
            except InfillError as error:
                self._outage.lost(error)

    def _unsigned_drop(self) -> None:
        """A bid without a kept signature never left the agent: its time is free again."""
        for row in bids_open(self._journal):
            if row.signature is None:
                bid_end(self._journal, row.agreement, BidStatus.WITHDRAWN, "never signed")

    async def _look(self) -> None:
        self._relisting = False
        await self._key_check()
        await printers_register(self._context)
        for row in bids_open(self._journal):
            if not row.sent:
                await self._send_again(row)
            else:
                await self._outcome(row)
        listed = await self._context.marketplace.jobs_open()
        self._seen = {job: seen for job, seen in self._seen.items() if job in listed}
        for identity in listed:
            if self._due(identity):
                await self._job(identity)

    async def _key_check(self) -> None:
        """Say once that the purse must renew the hot key before no bid is awardable any more."""
        wallet = self._context.wallet
        if not wallet.hot or self._key_said:
            return
        until = (await self._context.chain.hot_key(wallet.provider, wallet.address)).until
        if until < await self._counter.now() + KEY_SECONDS:
            self._key_said = True
            when = f"only until {time_of(until):%d %b %H:%M} UTC" if until else "not"
            log.warning(
                "this key may sign for %s %s: the purse has to run `infill-agent purse-pass %s`",
                wallet.provider,
                when,
                wallet.address,
            )

    async def _job(self, identity: str) -> None:
        try:
            await self._consider(await self._context.marketplace.job(identity))
        except (MarketplaceRefused, Malformed) as error:
            self._seen[identity] = _Seen(str(error), time.monotonic())
            log.info("job %s is left alone: %s", identity, error)

    def _due(self, job: str) -> bool:
        seen = self._seen.get(job)
        return seen is None or time.monotonic() - seen.at > RECONSIDER_SECONDS

    async def _send_again(self, row: BidRow) -> None:
        """What was signed may be of no use by now. If it was awarded meanwhile, the chain will say so."""
        refusal = await self._counter.refusal(row.bid, row.signature or b"")
        if refusal.startswith(AWARDED_ALREADY):
            return
        if refusal:
            bid_end(self._journal, row.agreement, BidStatus.WITHDRAWN, refusal)
            log.info("the bid for %r was never sent, and is not any more: %s", row.spec.title, refusal)
            return
        await self._send(row)

    async def _outcome(self, row: BidRow) -> None:
        """What the chain, then the marketplace says of a bid; an award is believed to the chain alone."""
        if refusal := await self._counter.void(row):
            bid_end(self._journal, row.agreement, BidStatus.WITHDRAWN, refusal)
            log.info("the bid for %r can be awarded no more: %s", row.spec.title, refusal)
            return
        try:
            status = (await self._context.marketplace.bid_statuses(row.job)).get(hex_of(row.agreement))
        except MarketplaceRefused as refusal:
            log.info("bid for %s: %s", row.job, refusal)
            return
        if status in OVER:
            await self._book_ask(row)
            bid_end(self._journal, row.agreement, BidStatus.LOST, f"the marketplace says {status}")
            log.info(
                "the bid for %r was not taken (%s): its machine time is free again", row.spec.title, status
            )

    async def _book_ask(self, row: BidRow) -> None:
        """Whether the operator's book holds a bid that lost. Raises MarketplaceUnreachable: ask later."""
        kept, operator = receipt_find(self._journal, row.agreement), await self._counter.operator()
        if kept is None or operator is None:
            return
        try:
            told = await self._context.marketplace.book(row.job)
            if told is None:
                return
            shown = book_shows(told, kept, operator=operator, domain=self._context.chain.infill)
        except MarketplaceUnreachable:
            raise
        except InfillError as error:
            log.error("the bid book for %r cannot be checked: %s", row.spec.title, error)
            return
        if shown is Shown.OMITTED:
            log.error("the bid book for %r leaves this bid out: the kept receipt proves it", row.spec.title)

    async def _consider(self, job: OpenJob) -> None:
        if job_taken(self._journal, job.id):
            return
        now = await self._counter.now()
        if now < self._bids_from() or not self._counter.registered():
            return
        verdict = await self._counter.weigh(job, now)
        if isinstance(verdict.decision, Decline):
            await self._decline(job, verdict.decision.reason, verdict.decision.detail)
        else:
            await self._bid(job, verdict.decision, verdict_json(job, verdict, now=now), now)

    def _bids_from(self) -> int:
        """After a restore: when every bid that was signed since the backup is over. One may be for the same
        job, and nobody have told of it."""
        restored = restored_at(self._journal)
        return 0 if restored is None else restored + self._context.config.policy.valid_for_s

    async def _decline(self, job: OpenJob, reason: str, detail: str = "") -> None:
        before = self._seen.get(job.id)
        self._seen[job.id] = _Seen(reason, time.monotonic())
        if before is None or before.reason != reason:
            log.info("no bid for %r: %s%s", job.spec.title, reason, f" ({detail})" if detail else "")
            await self._context.marketplace.decline(job.id, reason[:REASON_CHARS])

    async def _bid(self, job: OpenJob, terms: Terms, verdict: dict[str, Any], now: int) -> None:
        bid = await self._counter.bid(job, terms)
        agreement = agreement_id(bid, self._context.chain.domain)
        try:
            with self._journal.atomic():
                bid_add(
                    self._journal,
                    agreement=agreement,
                    job=job.id,
                    serial=terms.serial,
                    bid=bid,
                    spec=job.spec,
                    salt=job.salt,
                    now=now,
                    verdict=verdict,
                )
                reserve(
                    self._journal,
                    agreement=agreement,
                    serial=terms.serial,
                    seconds=terms.seconds,
                    now=now,
                    end_by=now + self._context.config.policy.horizon_s,
                )
                stock_reserve(self._journal, agreement, terms.uses)
        except (NoRoom, NoStock) as error:
            return await self._decline(job, str(error))
        signature, refusal = await self._sign(bid, agreement)
        if refusal:
            bid_end(self._journal, agreement, BidStatus.WITHDRAWN, refusal)
            return await self._decline(job, f"The escrow would refuse this bid now: {refusal}.")
        bid_signed(self._journal, agreement, signature)
        self._seen[job.id] = _Seen("", time.monotonic())
        log.info("bidding %s for %r with %s", ether_text(terms.price.price), job.spec.title, terms.serial)
        return await self._send(bid_get(self._journal, agreement))

    async def _sign(self, bid: Bid, agreement: Digest) -> tuple[bytes, str]:
        """The signature, and why there is no bid or nothing. Before a signature is kept or leaves, the free
        balance is looked at again and the escrow asked; if the node cannot answer, there is no bid."""
        try:
            if refusal := await self._counter.bond_refusal():
                return b"", refusal
            signature = self._context.wallet.sign(agreement)
            return signature, await self._counter.refusal(bid, signature)
        except InfillError:
            self._unsigned_drop()
            raise

    async def _send(self, row: BidRow) -> None:
        operator = await self._counter.operator()
        try:
            told = await self._context.marketplace.bid_submit(row)
        except MarketplaceRefused as refusal:
            bid_end(self._journal, row.agreement, BidStatus.LOST, str(refusal))
            log.warning("the bid for %s: %s", row.job, refusal)
            return
        with self._journal.atomic():
            bid_sent(self._journal, row.agreement)
            if operator:
                self._receipt_take(row, told, operator)

    def _receipt_take(self, row: BidRow, told: Any, operator: Address) -> None:
        """Keep the operator's receipt; without one the bid binds, but nobody can show it was made."""
        try:
            receipt = receipt_of(told, row, operator=operator, domain=self._context.chain.infill)
        except InfillError as error:
            log.error("the receipt for the bid on %r is none, ask the operator: %s", row.spec.title, error)
            return
        receipt_keep(self._journal, receipt)
