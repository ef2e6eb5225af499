"""Writing mandates: kept as they were signed, followed through their logs, claimed for a look."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from marketplace.activity.services import activity_record
from marketplace.chain.parts import in_parts
from marketplace.chain.selectors import final_time
from marketplace.escrow.consequences import job_follow
from marketplace.escrow.dispatch_rules import SOON, Waiting, standstill
from marketplace.escrow.mandate_rules import mandate_status
from marketplace.escrow.mandate_selectors import mandate_uses, mandates_over
from marketplace.escrow.models import Agreement, Mandate
from marketplace.jobs.models import Job
from protocol.mandate import Mandate as Limits
from protocol.statuses import JobStatus
from protocol.units import Digest, hex_of, seconds_of, time_of


@transaction.atomic
def mandate_store(
    *,
    digest: str,
    job: Job,
    limits: Limits,
    signature: bytes,
    printers: Collection[Digest],
    award_from: datetime | None,
    free: int,
    now: datetime,
) -> tuple[Mandate, bool]:
    """Keep what was signed; the flag says whether it is new. The same again changes nothing."""
    row, new = Mandate.objects.get_or_create(
        pk=digest,
        defaults={
            "job": job,
            "designer": limits.designer,
            "limits": limits.to_json(),
            "signature": hex_of(signature),
            "printers": [hex_of(each) for each in printers],
            "award_from": award_from,
            "valid_until": time_of(limits.valid_until),
            "free": str(free),
            "stored_at": now,
            "looked_at": now,
            "due_at": now,
        },
    )
    if new:
        mandates_project(mandates=[digest])
        row.refresh_from_db()
        _announce("mandate.stored", row)
    return row, new


@transaction.atomic
def mandates_project(*, mandates: Collection[str]) -> None:
    """Write what the logs say of mandates. Twice changes nothing."""
    known = Mandate.objects.select_for_update().filter(pk__in=mandates).in_bulk()
    for digest, use in mandate_uses(known.keys()).items():
        row = known[digest]
        if (row.used, row.revoked) == (use.used, use.revoked):
            continue
        Mandate.objects.filter(pk=digest).update(used=use.used, revoked=use.revoked)
        _announce("mandate.changed", row, used=use.used, revoked=use.revoked)


def mandates_wake(*, agreements: Collection[str], mandates: Collection[str], now: datetime) -> None:
    """Something happened that may let the dispatcher go on: it looks at the next sweep."""
    waiting = Mandate.objects.filter(ended=False)
    for some in in_parts(agreements):
        jobs = Agreement.objects.filter(pk__in=some, job__isnull=False).values("job")
        waiting.filter(job__in=jobs).update(due_at=now)
    waiting.filter(pk__in=mandates).update(due_at=now)


def mandate_claim(*, row: Mandate, now: datetime) -> bool:
    """Whether it is for this worker to look at; the next look is put off, whatever happens now."""
    as_read = Mandate.objects.filter(pk=row.pk, ended=False, due_at=row.due_at, looked_at=row.looked_at)
    due_at = now + SOON
    if as_read.update(due_at=due_at, looked_at=now) != 1:
        return False
    row.due_at = due_at
    return True


@transaction.atomic
def mandate_note(*, row: Mandate, waiting: Waiting, free: int | None, now: datetime) -> None:
    """Keep what the dispatcher found, for the designer; told where it is another reason than before."""
    found = {"waiting_for": waiting.to_json()} | ({} if free is None else {"free": str(free)})
    Mandate.objects.filter(pk=row.pk).update(**found)
    # Unless something happened meanwhile, for which it is due already.
    Mandate.objects.filter(pk=row.pk, due_at=row.due_at).update(due_at=now + waiting.look_after)
    if row.waiting_for is None or row.waiting_for["code"] != waiting.code:
        _announce("mandate.waits", row, code=waiting.code.value)


def mandates_end() -> int:
    """End those under which nothing can be awarded any more: bids they kept open are LOST. Says how many."""
    return sum(_mandate_end(row) for row in mandates_over())


@transaction.atomic
def _mandate_end(row: Mandate) -> bool:
    now = seconds_of(final_time() or row.stored_at)
    status = mandate_status(row.terms, used=row.used, revoked=row.revoked, now=now)
    why = standstill(status, JobStatus(row.job.status))
    end = {"ended": True, "waiting_for": why.to_json() if why else None}
    Job.objects.select_for_update().get(pk=row.job_id)  # first, as the follower does
    if not Mandate.objects.filter(pk=row.pk, ended=False).update(**end):
        return False
    job_follow(job=row.job)
    return True


def _announce(kind: str, row: Mandate, **more: Any) -> None:
    data = {"job": str(row.job_id), "designer": row.designer, **more}
    activity_record(kind=kind, subject=f"mandate:{row.pk}", data=data)
