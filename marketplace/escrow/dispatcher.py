"""The dispatcher: awards within what designers signed, and again where an award fails. It asks first.

What is simulated here is simulated again by the sender, and judged by the contract in the end: whatever this
gets wrong costs gas, and never a wei beyond a mandate.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.views import Accounts, Mandates
from marketplace.bidding.models import Bid
from marketplace.bidding.operator import operator_address
from marketplace.bidding.selectors import standings_of
from marketplace.chain.answers import BlockHead
from marketplace.chain.errors import ContractReverted
from marketplace.chain.nodes import client
from marketplace.chain.selectors import deployment_current, followed
from marketplace.escrow.dispatch_rules import (
    Choice,
    DispatchStatus,
    Offered,
    Outlook,
    Wait,
    Waiting,
    choices,
    rests_until,
)
from marketplace.escrow.dispatching import (
    award_call,
    dispatch_current,
    dispatch_follow,
    dispatch_want,
    dispatch_withdraw,
    refund_want,
)
from marketplace.escrow.errors import ADVICE
from marketplace.escrow.mandate_selectors import mandates_due
from marketplace.escrow.mandates import mandate_claim, mandate_note
from marketplace.escrow.models import Agreement, Dispatch, Mandate
from marketplace.escrow.selectors import job_units
from marketplace.jobs.models import Job
from protocol.statuses import BidStatus, JobStatus
from protocol.units import Address, digest_of, hex_of, moment_text, seconds_of

logger = logging.getLogger(__name__)
A_SWEEP = 200
BEHIND = timedelta(minutes=2)
THE_DESIGNERS = frozenset(
    {"NotDispatcher", "RevokedMandate", "MandateUsedUp", "FreeTooLow", "SignatureExpired", "ChainChanged"}
)
"""Errors that no other bid would help against."""

ON_ITS_WAY = Waiting(Wait.AWARD, "An award is on its way to the chain, or not final yet.")
REFUNDING = Waiting(
    Wait.AWARD, "A provider gave up. The refund is on its way to the chain, then it is awarded anew."
)
UNREAD = Waiting(
    Wait.CHAIN, "The marketplace has not read the newest blocks yet: nothing is awarded before it has."
)
MEANWHILE = Waiting(Wait.MEANWHILE, "The job or its bids changed meanwhile: they are looked at again.")


@dataclass(frozen=True)
class Refusal:
    """Why the chain would not award a bid under a mandate."""

    bid: str
    error: ContractReverted

    @property
    def waiting(self) -> Waiting:
        advice = ADVICE.get(self.error.name, "The escrow refuses its terms.")
        about = {"bid": self.bid, "error": {"name": self.error.name, "args": self.error.values_json}}
        return Waiting(
            Wait.REFUSED, f"The escrow would refuse the award ({self.error.name}): {advice}", about
        )


def dispatch_due(*, now: datetime) -> int:
    """Look at every mandate that is due; says at how many. Raises ChainError: the next sweep goes on."""
    dispatcher, looked = operator_address(), 0
    if dispatcher is None:
        return 0
    for row in mandates_due(now)[:A_SWEEP]:
        if mandate_claim(row=row, now=now):
            mandate_look(row=row, dispatcher=dispatcher, now=now)
            looked += 1
    return looked


def mandate_look(*, row: Mandate, dispatcher: Address, now: datetime) -> None:
    """Award the best bid within a mandate, or keep why not. Raises ChainError."""
    head, job = client().head(), Job.objects.get(pk=row.job_id)
    if _unread(head):
        mandate_note(row=row, waiting=UNREAD, free=None, now=now)
        return
    # Before anything is asked: what comes later was not considered, and is not passed over.
    considered = [each.pk for each in Bid.objects.filter(job=job)]
    outlook = _outlook(row, job, head)
    waiting = _busy(row, outlook) or _award(row, outlook, dispatcher, considered, now)
    mandate_note(row=row, waiting=waiting, free=outlook.free, now=now)


def _unread(head: BlockHead) -> bool:
    """Whether the follower is too far behind to say what is under agreements."""
    where = followed()
    return where is None or where.time is None or head.time - where.time > BEHIND


def _outlook(row: Mandate, job: Job, head: BlockHead) -> Outlook:
    limits = row.terms
    word = client().ask(Mandates(digest_of(row.pk)))
    free = client().ask(Accounts(limits.token, limits.designer)).free
    is_open = job.status == JobStatus.OPEN
    return Outlook(
        mandate=limits,
        now=head.time,
        used=word.used,
        revoked=word.revoked or row.revoked,
        free=int(free),
        job=JobStatus(job.status),
        units_left=job.quantity - job_units(job).bound if is_open else 0,
        award_from=row.award_from,
        printers=row.accepted,
        offered=_offered(row, job, head.time),
    )


def _offered(row: Mandate, job: Job, now: datetime) -> tuple[Offered, ...]:
    """The job's open bids as the marketplace ranks them."""
    ranked = [each for each in standings_of(job, now) if each.rank and each.status == BidStatus.OPEN]
    left = _left_unmade(job)
    return tuple(
        Offered(each.bid.pk, each.bid.terms, _rest(row, each.bid), each.bid.provider_id in left)
        for each in ranked
    )


def _left_unmade(job: Job) -> set[str]:
    """Providers of agreements on the job that closed unmade, or who gave up."""
    rows = Agreement.objects.filter(job=job)
    return {row.provider for row in rows if row.given_up_at or not (row.is_live or row.is_made)}


def _rest(row: Mandate, bid: Bid) -> datetime | None:
    failed = Dispatch.objects.filter(mandate=row, bid=bid, status=DispatchStatus.FAILED)
    times = [each.ended_at for each in failed.exclude(intent__nonce=None) if each.ended_at]
    return rests_until(len(times), max(times, default=None))


def _busy(row: Mandate, outlook: Outlook) -> Waiting | None:
    """An award on its way is followed; one that is not signed yet and no longer right is withdrawn."""
    current = dispatch_current(row.job_id)
    if current is None:
        return _failed_agreement(row, outlook) if not outlook.units_left else None
    dispatch_follow(dispatch=current)
    if current.mandate_id == row.pk and (problem := _no_longer(current, outlook)):
        dispatch_withdraw(dispatch=current, reason=problem)
    return ON_ITS_WAY


def _no_longer(current: Dispatch, outlook: Outlook) -> str:
    """Why an award that was wanted is not any more; empty if it is."""
    if outlook.revoked:
        return "the mandate was revoked"
    if Agreement.objects.filter(pk=current.bid_id).exists():
        return ""
    return "the job's units were awarded otherwise" if current.units > outlook.units_left else ""


def _failed_agreement(row: Mandate, outlook: Outlook) -> Waiting | None:
    """Units under an agreement that failed come back with its refund: want it, or say that one is due."""
    for each in Agreement.objects.filter(job=row.job_id):
        if each.is_live and each.refund_from and each.refund_from <= outlook.now:
            if each.given_up_at and refund_want(agreement=each):
                return REFUNDING
            since = moment_text(seconds_of(each.refund_from))
            text = (
                f"An agreement failed, and can be refunded since {since}: refund it, and it is awarded anew."
            )
            return Waiting(Wait.JOB, text, {"agreement": each.pk})
    return None


def _award(
    row: Mandate, outlook: Outlook, dispatcher: Address, considered: list[str], now: datetime
) -> Waiting:
    found = choices(outlook)
    if isinstance(found, Waiting):
        return found
    refusals: list[Refusal] = []
    for choice in found:
        bid = Bid.objects.get(pk=choice.offered.id)
        refusal = _refusal(row, bid, choice, dispatcher)
        if refusal is None:
            made = dispatch_want(mandate=row, bid=bid, units=choice.units, considered=considered, now=now)
            return ON_ITS_WAY if made else MEANWHILE
        refusals.append(refusal)
        if _is_the_designers(refusal.error, outlook):
            break
    return refusals[0].waiting  # of the best one


def _refusal(row: Mandate, bid: Bid, choice: Choice, dispatcher: Address) -> Refusal | None:
    """Why the escrow would not take the award now. The book it will commit to changes nothing there."""
    data, escrow = hex_of(award_call(row, bid, choice.units).data), deployment_current().escrow
    try:
        client().call(sender=dispatcher, to=escrow, data=data)
    except ContractReverted as error:
        return Refusal(bid.pk, error)
    return None


def _is_the_designers(error: ContractReverted, outlook: Outlook) -> bool:
    signer = error.values.get("signer")
    return error.name in THE_DESIGNERS or signer == outlook.mandate.designer
