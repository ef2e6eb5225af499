"""Reading agreements: the rows, and what the stored logs say they must be."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.http import Http404

from marketplace.bidding.models import Bid
from marketplace.chain.models import Log
from marketplace.chain.selectors import deployment_current, final_time, logs_of
from marketplace.escrow.errors import DesignNotGranted
from marketplace.escrow.models import Agreement, Waiver
from marketplace.escrow.rules import Entry, Projection, deadlines_of, grant_refusal, how_of, project
from marketplace.escrow.standings import Side, Sides
from marketplace.jobs.models import Job, JobPart
from marketplace.jobs.selectors import jobs_by_digest
from protocol.statuses import AgreementStatus, How
from protocol.terms import Bid as Terms
from protocol.typed import Domain, escrow_domain, infill_domain
from protocol.units import Address, hex_of, seconds_of, time_of


def agreements_of(person: str) -> QuerySet[Agreement]:
    """The agreements a person is a party of, newest first."""
    return Agreement.objects.filter(Q(designer=person) | Q(provider=person))


def agreement_for(agreement: str, person: str) -> Agreement:
    """An agreement for one of its parties. Raises Http404 for everybody else."""
    found = agreements_of(person).filter(pk=agreement).select_related("job").first()
    if found is None:
        raise Http404
    return found


def agreement_near(agreement: str, person: str) -> tuple[Agreement, Sides]:
    """An agreement for who can take a step of it, and what they are to it. Raises Http404 for others."""
    found = Agreement.objects.filter(pk=agreement).select_related("job").first()
    if found is None or not (sides := sides_of(found, person)):
        raise Http404
    return found, sides


def sides_of(row: Agreement, person: str) -> Sides:
    """What somebody is to an agreement; nothing for a stranger."""
    known = {
        Side.DESIGNER: person == row.designer,
        Side.PROVIDER: person == row.provider,
        Side.ARBITER: person == row.terms["arbiter"],
        Side.STANDBY: Bid.objects.filter(pk=row.standby, provider=person).exists(),
    }
    return frozenset(side for side, holds in known.items() if holds)


def infill_domain_here() -> Domain:
    """The domain of evidence and profiles on the configured chain. Raises NetworkUnknown."""
    return infill_domain(settings.CHAIN_ID, Address(deployment_current().escrow))


def escrow_domain_here() -> Domain:
    """The domain of what the escrow checks on the configured chain. Raises NetworkUnknown."""
    return escrow_domain(settings.CHAIN_ID, Address(deployment_current().escrow))


def entries_of(logs: Iterable[Log]) -> Iterator[Entry]:
    """Stored logs as the fold takes them. Raises UnknownLog."""
    logs = list(logs)
    handed_over = _handed_over(log for log in logs if log.name == "Awarded")
    for log in logs:
        yield Entry(
            name=log.name,
            args=log.args,
            block=log.block,
            log_index=log.log_index,
            time=seconds_of(log.time),
            transaction=log.transaction,
            final=log.final,
            taken_from=handed_over.get((log.block_digest, log.log_index), ""),
        )


def _handed_over(awards: Iterable[Log]) -> dict[tuple[str, int], str]:
    """For the awards of standbys: the agreement that closed for it, right before it in its transaction."""
    places = {(log.block_digest, log.log_index): log.transaction for log in awards}
    closings = Log.objects.filter(name="Closed", block_digest__in={digest for digest, _ in places})
    found = {}
    for log in closings:
        award = (log.block_digest, log.log_index + 1)
        if places.get(award) == log.transaction and how_of(log.args["how"]) is How.REAWARDED:
            found[award] = log.agreement
    return found


def agreement_projection(agreement: str) -> Projection | None:
    """What the stored logs say of an agreement; None without an award. Raises LogsInconsistent."""
    return agreement_projections([agreement])[agreement]


def agreement_projections(agreements: Collection[str]) -> dict[str, Projection | None]:
    """The same of several, from two queries. Raises LogsInconsistent."""
    logs = Log.objects.filter(agreement__in=agreements).order_by("block", "log_index")
    entries: dict[str, list[Entry]] = {agreement: [] for agreement in agreements}
    for entry in entries_of(logs):
        entries[entry.args["agreement"]].append(entry)
    return {agreement: project(some) for agreement, some in entries.items()}


def columns_of(projection: Projection) -> dict[str, Any]:
    """The columns of an Agreement row that its logs alone decide."""
    seen, deadlines = projection.seen, deadlines_of(projection.seen)
    times = {name: None if value is None else time_of(value) for name, value in vars(deadlines).items()}
    return {
        "designer": seen.bid.designer,
        "provider": seen.bid.provider,
        "terms": seen.bid.to_json(),
        "units": seen.units,
        "price": str(seen.price),
        "paid": str(seen.paid),
        "status": seen.status.value,
        "how": seen.how.value,
        "final_status": projection.final_status.value,
        "final_paid": str(projection.final.paid if projection.final else 0),
        "settled": projection.settled,
        "clock": time_of(seen.clock),
        "awarded_at": time_of(seen.awarded_at),
        "award_transaction": seen.transaction,
        "award_block": seen.block,
        "standby": seen.standby,
        "book": seen.book,
        "head": seen.head,
        "given_up_at": None if seen.given_up_at is None else time_of(seen.given_up_at),
        **times,
    }


def agreements_logged() -> list[str]:
    """The ids of all agreements that a stored log names."""
    named = Log.objects.exclude(agreement="").order_by("agreement")
    return list(named.values_list("agreement", flat=True).distinct())


@dataclass(frozen=True)
class Links:
    """The bid received here that an award bound, and the job it answers; None for what is not known here."""

    bid: Bid | None
    job: Job | None


def links_of(projections: Iterable[Projection]) -> dict[str, Links]:
    """What each agreement has to do with here, by agreement."""
    terms = {found.seen.agreement: found.seen.bid for found in projections}
    bids = Bid.objects.filter(pk__in=terms).select_related("job").in_bulk()
    jobs = _jobs_answered({key: bid for key, bid in terms.items() if key not in bids})
    jobs |= {key: bid.job for key, bid in bids.items()}
    return {key: Links(bids.get(key), jobs.get(key)) for key in terms}


def _jobs_answered(terms: dict[str, Terms]) -> dict[str, Job]:
    """The jobs that bids answer which this marketplace never received."""
    jobs = jobs_by_digest({hex_of(bid.job_digest) for bid in terms.values()})
    found = {agreement: jobs.get(hex_of(bid.job_digest)) for agreement, bid in terms.items()}
    return {key: job for key, job in found.items() if job and job.designer_id == terms[key].designer}


@dataclass(frozen=True)
class JobUnits:
    """Units of a job under agreements that are live or paid in full, in all and by final logs alone."""

    bound: int
    bound_finally: int
    made_finally: int


def job_units(job: Job) -> JobUnits:
    """How much of a job its agreements cover."""
    rows = [row for row in Agreement.objects.filter(job=job) if row.is_live or row.is_made]
    final = [row for row in rows if row.final_status != AgreementStatus.NONE]
    made = [row for row in rows if row.is_made and row.settled]
    bound, bound_finally, made_finally = (sum(row.units for row in some) for some in (rows, final, made))
    return JobUnits(bound, bound_finally, made_finally)


def agreements_awaiting_grant() -> list[str]:
    """Agreements whose designs may have become due by the passing of time alone."""
    now = final_time()
    if now is None:
        return []
    waiting = Agreement.objects.filter(granted=False, job__isnull=False)
    waiting = waiting.exclude(final_status=AgreementStatus.NONE)
    waiting = waiting.exclude(~Q(paid=F("price")), status=AgreementStatus.CLOSED)
    waived = Waiver.objects.values("agreement")
    due = Q(grace_until__lt=now) | Q(pk__in=waived)
    return list(waiting.filter(due).values_list("pk", flat=True))


def agreement_json(row: Agreement) -> dict[str, Any]:
    """An agreement as the API shows it. Raises LogsInconsistent."""
    logs = list(logs_of(row.pk))
    projection = project(entries_of(logs))
    return {
        "id": row.pk,
        "job": str(row.job_id) if row.job_id else None,
        "bid": row.bid_id,
        "designer": row.designer,
        "provider": row.provider,
        "status": row.status,
        "how": row.how,
        "final": row.settled,
        "final_status": row.final_status,
        "final_paid": row.final_paid,
        "units": row.units,
        "price": row.price,
        "paid": row.paid,
        "clock": row.clock,
        "head": row.head,
        "given_up_at": row.given_up_at,
        "deadlines": {name: getattr(row, name) for name in DEADLINES},
        "terms": row.terms,
        "logs": [_log_json(log) for log in logs],
        "money": _money_json(projection),
        "grant": row.granted,
        "grace_waived": Waiver.objects.filter(agreement=row.pk).exists(),
    }


DEADLINES = (
    "grace_until",
    "deliver_by",
    "review_until",
    "claim_from",
    "refund_from",
    "rule_until",
    "expire_from",
)


def _log_json(log: Log) -> dict[str, Any]:
    names = ("name", "block", "transaction", "time", "final", "args")
    return {name: getattr(log, name) for name in names}


def _money_json(projection: Projection | None) -> list[dict[str, Any]]:
    movements = projection.seen.movements if projection else ()
    return [vars(move) | {"what": move.what.value, "amount": str(move.amount)} for move in movements]


def granted_job(agreement: str, person: str) -> Job:
    """The job whose designs the winner of an agreement may have now. Raises Http404, DesignNotGranted."""
    row = agreement_for(agreement, person)
    if row.provider != person:
        raise DesignNotGranted("The designs are for the provider of the agreement.")
    if not row.granted or row.job is None:
        raise DesignNotGranted(_grant_reason(row))
    return row.job


def designs_agreed(agreement: str) -> set[UUID]:
    """The designs that an agreement is about, as far as its job is known here."""
    return set(JobPart.objects.filter(job__agreements=agreement).values_list("design", flat=True))


def agreement_needing(design: UUID) -> str:
    """Which agreement that is not closed has to be made of a design, in words; empty for none."""
    live = Agreement.objects.filter(job__parts__design=design).exclude(status=AgreementStatus.CLOSED)
    return ", ".join(f"the agreement {row.pk[:10]}… is {row.status}" for row in live.distinct()[:3])


def _grant_reason(row: Agreement) -> str:
    if row.job is None:
        return "This marketplace does not know the job of the agreement: ask the designer for the files."
    projection = agreement_projection(row.pk)
    return (projection and refusal_now(projection)) or "The designs are about to be released: ask again soon."


def refusal_now(projection: Projection) -> str | None:
    """Why the winner may not have the designs now, in words for a person; None if it may."""
    newest = final_time()
    waived = Waiver.objects.filter(agreement=projection.seen.agreement).exists()
    return grant_refusal(projection, waived=waived, final_time=seconds_of(newest) if newest else 0)
