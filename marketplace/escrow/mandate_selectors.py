"""Reading mandates: whose they are, what the logs say of them, and how they stand in words."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from marketplace.bidding.models import Bid
from marketplace.chain.models import Log
from marketplace.chain.rows import LogRow
from marketplace.chain.selectors import chain_now, final_time
from marketplace.escrow.dispatch_rules import DispatchStatus
from marketplace.escrow.mandate_rules import mandate_status
from marketplace.escrow.models import Agreement, Dispatch, Mandate
from marketplace.jobs.models import Job
from protocol.statuses import JobStatus
from protocol.units import seconds_of

USED, REVOKED = "MandateUsed", "MandateRevoked"
OVER = (JobStatus.CLOSED, JobStatus.WITHDRAWN, JobStatus.EXPIRED)
"""A job that nothing is awarded of any more."""


def mandates_of(person: str) -> QuerySet[Mandate]:
    """A designer's mandates, newest first."""
    return Mandate.objects.filter(designer=person).select_related("job")


def mandate_for(mandate: str, person: str) -> Mandate:
    """A mandate for its designer. Raises Http404 for everybody else."""
    found = mandates_of(person).filter(pk=mandate).first()
    if found is None:
        raise Http404
    return found


def mandates_due(now: datetime) -> QuerySet[Mandate]:
    """Mandates to look at: those whose time has come, and those with a bid or an end not looked at yet."""
    job, looked_at = OuterRef("job"), OuterRef("looked_at")
    bid = Exists(Bid.objects.filter(job=job, received_at__gte=looked_at))
    end = Exists(Dispatch.objects.filter(job=job, ended_at__gte=looked_at))
    waiting = Mandate.objects.filter(Q(due_at__lte=now) | bid | end, ended=False)
    return waiting.select_related("job").order_by("due_at", "id")


def mandates_over() -> list[Mandate]:
    """Mandates under which nothing can be awarded any more, by what no reorganisation takes back."""
    now = final_time()
    spent = Q(revoked=True) | Q(job__status__in=OVER) | (Q(valid_until__lt=now) if now else Q())
    found = Mandate.objects.filter(spent, ended=False).select_related("job")
    return [each for each in found if not each.revoked or _is_over(each, now) or _revoked_finally(each)]


def _is_over(row: Mandate, now: datetime | None) -> bool:
    return row.job.status in OVER or (now is not None and row.valid_until < now)


def _revoked_finally(row: Mandate) -> bool:
    return any(log.final for log in _revocations([row.pk]))


def keeps_bids(job: Job) -> bool:
    """Whether a job's open bids stay so once all is awarded: a mandate can award them if that fails."""
    return Mandate.objects.filter(job=job, ended=False).exists()


@dataclass(frozen=True)
class Use:
    """What the stored logs say of a mandate."""

    used: int = 0
    revoked: bool = False


def mandates_named(rows: Iterable[LogRow]) -> set[str]:
    """The mandates that logs are about, by their digests."""
    return {orjson.loads(row.topics)[1] for row in rows if row.name in (USED, REVOKED)}


def mandate_uses(mandates: Collection[str]) -> dict[str, Use]:
    """What the stored logs say of mandates that are kept here.

    Whatever is awarded under one is of its job, and its logs are found by that.
    """
    found = dict.fromkeys(mandates, Use())
    agreements = Agreement.objects.filter(job__mandates__in=mandates).values("pk")
    logs = Log.objects.filter(agreement__in=agreements, name=USED).order_by("block", "log_index")
    for log in logs:
        if log.topics[1] in found:
            found[log.topics[1]] = Use(used=log.args["used"])
    for log in _revocations(mandates):
        found[log.topics[1]] = Use(found[log.topics[1]].used, revoked=True)
    return found


def _revocations(mandates: Collection[str]) -> QuerySet[Log]:
    return Log.objects.filter(agreement="", name=REVOKED, topics__1__in=list(mandates))


def units_dispatched(job: Job) -> int:
    """Units of a job that the dispatcher is about to award, beside those under agreements already."""
    found = Dispatch.objects.filter(job=job, status=DispatchStatus.WANTED).first()
    awarded = found is not None and Agreement.objects.filter(pk=found.bid_id).exists()
    return found.units if found and not awarded else 0


def mandate_json(row: Mandate) -> dict[str, Any]:
    """A mandate as the API shows it."""
    limits = row.terms
    left = max(0, limits.units - row.used)
    most = int(limits.max_unit_price) * left
    return {
        "id": row.pk,
        "job": str(row.job_id),
        "mandate": row.limits,
        "printers": row.printers,
        "award_from": row.award_from,
        "valid_until": row.valid_until,
        "status": mandate_status(limits, used=row.used, revoked=row.revoked, now=seconds_of(chain_now())),
        "units": limits.units,
        "used": row.used,
        "left": left,
        "free": row.free,
        "deposit": str(max(0, most - int(row.free))),
        "waiting_for": row.waiting_for,
        "looked_at": row.looked_at,
        "stored_at": row.stored_at,
        "awards": [_dispatch_json(each) for each in row.dispatches.select_related("bid", "intent")],
    }


def _dispatch_json(dispatch: Dispatch) -> dict[str, Any]:
    return {
        "bid": dispatch.bid_id,
        "provider": dispatch.bid.provider_id,
        "units": dispatch.units,
        "price": str(int(dispatch.bid.unit_price) * dispatch.units),
        "status": dispatch.status,
        "reason": dispatch.reason,
        "transaction": dispatch.intent.transaction or None,
        "wanted_at": dispatch.wanted_at,
    }
