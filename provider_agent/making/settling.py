"""CLEARED -> DELIVERED -> PAID: on chain, whether or not the marketplace is there."""

from __future__ import annotations

import asyncio
import logging

from contracts.calls import Claim, Deliver, Expire
from contracts.views import AgreementWord
from protocol.statuses import AgreementStatus, MakingStatus
from protocol.units import ether_text, hex_of
from provider_agent.errors import MakingFailed, TransactionReverted
from provider_agent.evidence_log import evidence_flush
from provider_agent.journal.bids import bid_get
from provider_agent.journal.makings import Making, making_advance, making_paid
from provider_agent.journal.reservations import reservation_free
from provider_agent.making.context import GIVEN_UP, Context, given_up
from provider_agent.making.shipping import awaits_shipping, shipping_wait

log = logging.getLogger(__name__)

EVIDENCE_SECONDS = 30.0
"""How long a delivery waits for the marketplace to take the evidence."""


async def deliver(context: Context, making: Making) -> None:
    """Say on chain that it is delivered, with the head of the evidence log; on once that is final.

    Where the provider wants that, not before it is said to be shipped.
    """
    reservation_free(context.journal, making.agreement)
    final, word = await context.final_word(making)
    if word.status in (AgreementStatus.DELIVERED, AgreementStatus.DISPUTED):
        return making_advance(context.journal, making.agreement, MakingStatus.DELIVERED)
    if word.status is AgreementStatus.CLOSED:
        if not word.paid:
            raise MakingFailed("the agreement was closed unpaid before it was delivered")
        return making_advance(context.journal, making.agreement, MakingStatus.DELIVERED)
    if given_up(word):
        raise MakingFailed(GIVEN_UP)
    if awaits_shipping(context.journal, context.config.policy, making):
        return await shipping_wait(context, making, word, final)
    if (await context.chain.word(making.agreement)).status is AgreementStatus.AWARDED:
        await _evidence_first(context, making)
        await _send_delivery(context, making, word)
    await context.wakes.sleep(making.agreement)
    return None


async def settle(context: Context, making: Making) -> None:
    """Wait for the money; take what is due when the review time is over, or that of a silent arbiter."""
    final, word = await context.final_word(making)
    bid = bid_get(context.journal, making.agreement).bid
    if word.status is AgreementStatus.CLOSED:
        return await _closed(context, making, word, final.number)
    if word.status is AgreementStatus.DELIVERED and final.time > word.clock + bid.review_time:
        await _take(context, making, "claim", Claim(bid).data)
    if word.status is AgreementStatus.DISPUTED and final.time > word.clock + bid.arbiter_time:
        await _take(context, making, "expire", Expire(bid).data)
    await context.wakes.sleep(making.agreement)
    return None


async def _take(context: Context, making: Making, purpose: str, data: bytes) -> None:
    if await context.wallet.perform(purpose, making.agreement, data):
        log.info("%s of %s is mined: nobody acted in the signed time", purpose, hex_of(making.agreement)[:10])


async def _evidence_first(context: Context, making: Making) -> None:
    """The designer should see the evidence with the delivery; no answer or silence keeps the money."""
    flush = asyncio.create_task(evidence_flush(context.journal, context.marketplace, making.agreement))
    try:
        await asyncio.wait({flush}, timeout=EVIDENCE_SECONDS)
        problem = flush.exception() if flush.done() else f"not sent within {EVIDENCE_SECONDS:g} s"
    finally:
        flush.cancel()
    if problem:
        log.info("delivering before the marketplace has all evidence: %s", problem)


async def _send_delivery(context: Context, making: Making, word: AgreementWord) -> None:
    bid = bid_get(context.journal, making.agreement).bid
    if (await context.chain.final()).time > word.clock + bid.make_time:
        raise MakingFailed("the time to deliver is over")
    head = context.log_of(making.agreement).head()
    data = Deliver(bid, head).data
    try:
        if await context.wallet.perform("deliver", making.agreement, data):
            log.info("delivered %s on chain", hex_of(making.agreement)[:10])
    except TransactionReverted as error:
        if (await context.chain.final()).time > word.clock + bid.make_time:
            raise MakingFailed(f"delivered too late: {error}") from error
        raise


async def _closed(context: Context, making: Making, word: AgreementWord, final: int) -> None:
    how = await context.chain.closing(making.agreement, making.award_block, final)
    with context.journal.atomic():
        making_paid(context.journal, making.agreement, word.paid, how)
        if word.paid:
            making_advance(context.journal, making.agreement, MakingStatus.PAID)
    if not word.paid:
        raise MakingFailed(f"the agreement was closed without pay ({how})")
    log.info("paid %s for %s (%s)", ether_text(word.paid), hex_of(making.agreement)[:10], how)
