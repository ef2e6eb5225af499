"""Bids that this key signed and the journal does not know: believed by their signature alone."""

from __future__ import annotations

import logging
import time

from protocol.errors import Malformed, SignatureInvalid
from protocol.signatures import recover
from protocol.statuses import BidStatus
from protocol.terms import agreement_id
from protocol.units import Digest, hex_of
from provider_agent.bidding import OpenJob
from provider_agent.capacity import reserve
from provider_agent.errors import MarketplaceRefused, NotCaughtUp
from provider_agent.estimating import estimate
from provider_agent.journal.bids import bid_add, bid_end, bid_find, bid_sent, bid_signed, bids_for
from provider_agent.journal.profiles import profiles
from provider_agent.journal.store import Journal
from provider_agent.making.context import Context
from provider_agent.marketplace import Placed

log = logging.getLogger(__name__)


async def bids_adopt(context: Context) -> None:
    """Every bid of ours for a job that is open, or that we were awarded."""
    agreed = await context.marketplace.jobs_agreed()
    for job in dict.fromkeys([*agreed.values(), *await context.marketplace.jobs_open()]):
        await job_adopt(context, job)


async def award_adopt(context: Context, agreement: Digest) -> None:
    """The bid of an award that the journal does not know."""
    job = await context.marketplace.job_agreed(agreement)
    if job is not None:
        await job_adopt(context, job)


async def job_adopt(context: Context, job: str) -> None:
    """Our bids for one job, oldest first: an agent has one open bid a job, so a later one ends the former."""
    try:
        placed = await context.marketplace.bids_placed(job)
        new = [one for one in placed if bid_find(context.journal, _id(context, one)) is None]
        if not new:
            return
        found = await context.marketplace.job(job)
    except (MarketplaceRefused, Malformed) as problem:
        log.error("bids for job %s are not taken back into the journal: %s", job, problem)
        return
    for one in sorted(new, key=lambda one: one.bid.valid_until):
        if _ours(context, one) and one.bid.job_digest == found.digest:
            _journal(context, found, job, one, await _serial(context, one.bid.printer))


def _id(context: Context, placed: Placed) -> Digest:
    return agreement_id(placed.bid, context.chain.domain)


def _ours(context: Context, placed: Placed) -> bool:
    wallet = context.wallet
    try:
        signer = recover(_id(context, placed), placed.signature)
    except SignatureInvalid:
        return False
    return placed.bid.provider == wallet.provider and signer in (wallet.provider, wallet.address)


async def _serial(context: Context, digest: Digest) -> str:
    """The printer that a bid names. Where its profile is newer than the journal's, that one is forgotten: the
    next is signed with a later number."""
    known = profiles(context.journal)
    for serial, row in known.items():
        if row.digest == digest:
            return serial
    found = await context.marketplace.printer_serial(digest)
    if found is None or context.fleet.find(found) is None:
        raise NotCaughtUp(
            f"a bid since the backup names the printer {found or hex_of(digest)}: add it to agent.toml"
        )
    if not context.wallet.hot:
        context.journal.write("DELETE FROM profiles WHERE serial = ?", found)
    return found


def _journal(context: Context, job: OpenJob, identity: str, placed: Placed, serial: str) -> None:
    journal, agreement, now = context.journal, _id(context, placed), int(time.time())
    with journal.atomic():
        _others_end(journal, identity)
        bid_add(
            journal,
            agreement=agreement,
            job=identity,
            serial=serial,
            bid=placed.bid,
            spec=job.spec,
            salt=job.salt,
            now=now,
        )
        bid_signed(journal, agreement, placed.signature)
        bid_sent(journal, agreement)
        printer = context.fleet.find(serial)
        speed = printer.config.speed_mm_s if printer else 60
        seconds = estimate(job.spec, speed).seconds
        reserve(journal, agreement=agreement, serial=serial, seconds=seconds, now=now)
    log.info("a bid for %r is back in the journal", job.spec.title)


def _others_end(journal: Journal, job: str) -> None:
    for row in bids_for(journal, job):
        bid_end(journal, row.agreement, BidStatus.LOST, "another bid followed it")
