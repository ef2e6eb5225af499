"""Writing dispatches: wanted with their intent in one atomic block, ended by what the chain decided for good.

A job has one WANTED dispatch at a time, which the database sees to: however many workers and
mandates there are, no unit is awarded twice.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from contracts import calls
from marketplace.activity.services import activity_record
from marketplace.bidding.models import Bid
from marketplace.chain.intent_rules import IntentStatus, SenderRaced
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.outbox import intent_end, intent_want
from marketplace.chain.parts import in_parts
from marketplace.chain.selectors import deployment_current, followed
from marketplace.escrow.award_book import award_book
from marketplace.escrow.dispatch_rules import DispatchStatus
from marketplace.escrow.mandate_rules import printer_proof
from marketplace.escrow.models import Agreement, Dispatch, Mandate
from marketplace.escrow.offers import offer_of
from marketplace.escrow.selectors import job_units
from marketplace.jobs.models import Job
from protocol.statuses import AgreementStatus, BidStatus, JobStatus
from protocol.units import ZERO_DIGEST, Address, Digest, bytes_of

KIND = "dispatch"
ENDS = {
    IntentStatus.FAILED: DispatchStatus.FAILED,
    IntentStatus.EXPIRED: DispatchStatus.EXPIRED,
}


def award_call(row: Mandate, bid: Bid, units: int, book: Digest = ZERO_DIGEST) -> calls.AwardUnder:
    """What awards a bid under a mandate."""
    offer, limits = offer_of(bid), row.terms
    proof = printer_proof(limits, offer.terms, row.accepted)
    signed = (limits, bytes_of(row.signature), proof)
    return calls.AwardUnder(offer.terms, offer.signature, offer.signer, units, book, *signed)


def dispatch_want(
    *, mandate: Mandate, bid: Bid, units: int, considered: Collection[str], now: datetime
) -> Dispatch | None:
    """Close the job's book and want the award that commits to it, in one atomic block.

    None where that would not be right any more: another worker was first, the job or the bid is not open, or
    a bid came that was not `considered`.
    """
    try:
        with transaction.atomic():
            # As taking a bid, closing a book and following an agreement do: the job stays as it is.
            job = Job.objects.select_for_update().get(pk=mandate.job_id)
            if not _stands(job, mandate, bid, units, considered):
                return None
            return _create(job, mandate, bid, units, now)
    except IntegrityError:
        return None


def _stands(job: Job, mandate: Mandate, bid: Bid, units: int, considered: Collection[str]) -> bool:
    """Whether everything still is as it was when the bid was chosen."""
    opened = set(Bid.objects.filter(job=job, status=BidStatus.OPEN).values_list("pk", flat=True))
    valid = Mandate.objects.filter(pk=mandate.pk, revoked=False, ended=False).exists()
    fits = units <= job.quantity - job_units(job).bound
    return job.status == JobStatus.OPEN and valid and fits and bid.pk in opened and opened <= set(considered)


def _create(job: Job, mandate: Mandate, bid: Bid, units: int, now: datetime) -> Dispatch:
    number = Dispatch.objects.filter(mandate=mandate, bid=bid).count()
    intent = intent_want(
        key=f"{KIND}:{mandate.pk}:{bid.pk}:{number}",
        to=Address(deployment_current().escrow),
        data=award_call(mandate, bid, units, award_book(bid.terms)).data,
        deadline=min(bid.valid_until, mandate.valid_until),
    )
    made = Dispatch.objects.create(
        mandate=mandate, job=job, bid=bid, units=units, intent=intent, wanted_at=now
    )
    _announce("mandate.dispatched", made)
    return made


def dispatch_current(job: Any) -> Dispatch | None:
    """The one that the chain has not decided yet."""
    found = Dispatch.objects.filter(job=job, status=DispatchStatus.WANTED)
    return found.select_related("intent", "bid", "mandate", "job").first()


def dispatch_withdraw(*, dispatch: Dispatch, reason: str) -> None:
    """What is not signed yet need not be: end the intent, and with it the dispatch. Too late is no harm."""
    if dispatch.intent.status == IntentStatus.WANTED:
        try:
            intent_end(intent=dispatch.intent, status=IntentStatus.FAILED, reason=reason)
        except SenderRaced:
            return


@transaction.atomic
def refund_want(*, agreement: Agreement) -> bool:
    """Want the refund of what the dispatcher awarded and its provider gave up: no print comes of it any more.

    False for what others awarded, which may have a standby, and where the chain did not take the refund.
    """
    if not Dispatch.objects.filter(bid=agreement.pk, status=DispatchStatus.AWARDED).exists():
        return False
    call = calls.Refund(agreement.bid_terms)
    escrow = Address(deployment_current().escrow)
    intent = intent_want(key=f"refund:{agreement.pk}", to=escrow, data=call.data)
    return intent.status not in ENDS


def intent_changed(*, intent: Intent) -> None:
    """For the outbox: runs in the atomic block in which the intent changes."""
    if ended := ENDS.get(IntentStatus(intent.status)):
        for dispatch in Dispatch.objects.filter(intent=intent):
            _end(dispatch, ended, intent.reason)


def dispatches_follow(*, agreements: Collection[str]) -> None:
    """End those whose award is final by the follower's logs: from then on the agreements count the units."""
    waiting = Dispatch.objects.filter(status=DispatchStatus.WANTED).select_related("intent")
    for some in in_parts(agreements):
        for dispatch in waiting.filter(bid__in=some):
            dispatch_follow(dispatch=dispatch)


@transaction.atomic
def dispatch_follow(*, dispatch: Dispatch) -> None:
    """Bring one level with what the follower has read."""
    row = Agreement.objects.filter(pk=dispatch.bid_id).first()
    ours = row is not None and _ours(row, dispatch.intent)
    if row and ours and row.final_status != AgreementStatus.NONE:
        _end(dispatch, DispatchStatus.AWARDED, "")
    elif dispatch.intent.status == IntentStatus.FINAL and not ours and _read(dispatch.intent):
        _end(dispatch, DispatchStatus.FAILED, "the chain took the final award back")


def _ours(row: Agreement, intent: Intent) -> bool:
    """A designer may have awarded the same bid first."""
    return Attempt.objects.filter(intent=intent, digest=row.award_transaction).exists()


def _read(intent: Intent) -> bool:
    """Whether the follower has come as far as the block in which the sender saw the intent."""
    where = followed()
    return where is not None and intent.block is not None and where.finalized >= intent.block


def _end(dispatch: Dispatch, status: DispatchStatus, reason: str) -> None:
    as_read = Dispatch.objects.filter(pk=dispatch.pk, status=DispatchStatus.WANTED)
    if not as_read.update(status=status, reason=reason, ended_at=timezone.now()):
        return
    dispatch.status, dispatch.reason = status, reason
    _announce("mandate.dispatch_ended", dispatch)


def _announce(kind: str, dispatch: Dispatch) -> None:
    data = {
        "job": str(dispatch.job_id),
        "bid": dispatch.bid_id,
        "units": dispatch.units,
        "status": str(dispatch.status),
        "reason": dispatch.reason,
    }
    activity_record(kind=kind, subject=f"mandate:{dispatch.mandate_id}", data=data)
