"""Writing bids: received here, then followed to where the chain takes them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.activity.services import activity_record
from marketplace.bidding.authorities import authority_of, key_until
from marketplace.bidding.books import receipts_issue
from marketplace.bidding.errors import BidJobClosed, BidOverRate, BidReplayed, BidWrongJob
from marketplace.bidding.models import Bid, Decline
from marketplace.bidding.news import bid_changed_record
from marketplace.bidding.rules import Market, authority_check, signer_check, terms_check, wanted_check
from marketplace.bidding.selectors import printer_for, wanted_of
from marketplace.bidding.voiding import bids_follow
from marketplace.chain.selectors import chain_now
from marketplace.jobs.models import Job
from marketplace.jobs.rules import takes_bids
from marketplace.jobs.services import job_counts_set
from protocol.statuses import BidStatus, JobStatus
from protocol.terms import Bid as Terms
from protocol.terms import agreement_id
from protocol.units import Address, hex_of, seconds_of, time_of

BIDS_PER_HOUR = 600
BIDS_PER_JOB = 20


def bid_submit(
    *,
    job: UUID,
    bid: Terms,
    signature: bytes,
    signer: Address,
    person: str,
    market: Market,
    now: datetime,
) -> tuple[Bid, bool]:
    """Keep a bid and give it a receipt; the flag says whether it is new. The same again changes nothing.

    Raises Job.DoesNotExist, SignatureInvalid, or one of errors.BidRefused.
    """
    signer_check(bid, signature=signature, signer=signer, person=person, domain=market.domain)
    agreement = hex_of(agreement_id(bid, market.domain))
    with transaction.atomic():
        # The lock gives two equal bids one row, and lets no bid in while its job closes.
        wanted = Job.objects.select_for_update().get(pk=job)
        if known := _known(agreement, job):
            receipts_issue(job=wanted, domain=market.infill)
            return known, False
        _open_check(wanted, now)
        wanted_check(bid, wanted_of(wanted))
        terms_check(bid, market=market, now=seconds_of(now))
        held = authority_of(bid, signer)
        authority_check(bid, signer, held, now=seconds_of(max(now, chain_now())))
        printer_for(bid, wanted)
        _rate_check(person, job, now)
        signed = {"signature": hex_of(signature), "signer": signer, "key_until": key_until(bid, held)}
        made = _bid_create(agreement, wanted, bid, signed)
        receipts_issue(job=wanted, domain=market.infill)
        return made, True


def _known(agreement: str, job: UUID) -> Bid | None:
    known = Bid.objects.filter(pk=agreement).first()
    if known and known.job_id != job:
        raise BidWrongJob("This bid was received for another job.")
    if known and known.status != BidStatus.OPEN:
        raise BidReplayed(f"This very bid is {known.status} already: sign a new one, with a new salt.")
    return known


def _open_check(job: Job, now: datetime) -> None:
    if job.status != JobStatus.OPEN:
        raise BidJobClosed(f"The job is {job.status}: bids are taken while a job is OPEN.")
    if not takes_bids(job.status, job.bids_close_at, now):
        raise BidJobClosed(f"Bidding closed at {job.bids_close_at:%Y-%m-%d %H:%M:%S} UTC.")


def _rate_check(person: str, job: UUID, now: datetime) -> None:
    recent = Bid.objects.filter(provider=person, received_at__gt=now - timedelta(hours=1))
    if recent.count() >= BIDS_PER_HOUR:
        raise BidOverRate(f"You made {BIDS_PER_HOUR} bids within the hour: wait before the next.")
    if Bid.objects.filter(provider=person, job=job, status=BidStatus.OPEN).count() >= BIDS_PER_JOB:
        raise BidOverRate(f"You have {BIDS_PER_JOB} open bids on this job: let some expire first.")


def _bid_create(agreement: str, job: Job, bid: Terms, signed: dict[str, Any]) -> Bid:
    made = Bid.objects.create(
        id=agreement,
        job=job,
        provider_id=bid.provider,
        printer_id=hex_of(bid.printer),
        unit_price=str(bid.unit_price),
        bond=str(bid.bond),
        make_time=bid.make_time,
        review_time=bid.review_time,
        valid_until=time_of(bid.valid_until),
        bid=bid.to_json(),
        **signed,
    )
    _count(job)
    activity_record(
        kind="bid.received",
        subject=job.subject,
        actor=bid.provider,
        data={"bid": agreement, "provider": bid.provider},
    )
    return made


def _count(job: Job) -> None:
    job_counts_set(job=job.pk, bids=job.bids.count(), declines=job.declines.count())


def decline_record(*, job: Job, provider: str, reason: str, printer: str) -> Decline:
    """Keep why a provider does not bid; said again for the same printer, the newer reason stands."""
    with transaction.atomic():
        # So that two at once are both counted.
        Job.objects.select_for_update().get(pk=job.pk)
        decline, _ = Decline.objects.update_or_create(
            job=job, provider_id=provider, printer=printer, defaults={"reason": reason}
        )
        _count(job)
        activity_record(kind="bid.declined", subject=job.subject, actor=provider)
    return decline


def bid_award(*, agreement: str) -> Bid | None:
    """The chain shows this bid awarded. None for a bid this marketplace never received.

    Whatever the bid was here, it is AWARDED now: the chain outranks our own bookkeeping.
    """
    return _follow(agreement, BidStatus.AWARDED)


def bid_reopen(*, agreement: str) -> Bid | None:
    """A reorganisation took the award back. None unless the bid was AWARDED.

    It is WITHDRAWN at once where its signer or epoch was voided meanwhile.
    """
    bid = _follow(agreement, BidStatus.OPEN, only=BidStatus.AWARDED)
    if bid and bids_follow(bids=Bid.objects.filter(pk=agreement)):
        bid.refresh_from_db()
    return bid


def _follow(agreement: str, status: BidStatus, only: BidStatus | None = None) -> Bid | None:
    with transaction.atomic():
        bid = Bid.objects.select_for_update().filter(pk=agreement).first()
        if bid is None or (only and bid.status != only):
            return None
        if bid.status != status:
            _set(bid, status)
    return bid


def bids_lose(*, job: UUID) -> int:
    """Every bid still OPEN on a job is LOST: for when the award is final. Says how many there were."""
    with transaction.atomic():
        losers = list(Bid.objects.select_for_update().filter(job=job, status=BidStatus.OPEN))
        for bid in losers:
            _set(bid, BidStatus.LOST)
    return len(losers)


def bids_expire(*, chain_time: datetime) -> int:
    """Expire OPEN bids that no block can award any more; `chain_time` is that of the newest final block."""
    expired = 0
    for bid in Bid.objects.filter(status=BidStatus.OPEN, valid_until__lt=chain_time).iterator():
        with transaction.atomic():
            claimed = Bid.objects.filter(pk=bid.pk, status=BidStatus.OPEN).update(status=BidStatus.EXPIRED)
            if claimed:
                bid_changed_record(bid, BidStatus.EXPIRED)
        expired += claimed
    return expired


def _set(bid: Bid, status: BidStatus) -> None:
    bid.status, bid.void = status, ""
    bid.save(update_fields=["status", "void"])
    bid_changed_record(bid, status)
