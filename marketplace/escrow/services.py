"""Writing agreements: always from the stored logs, never from a request."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from django.db import transaction

from marketplace.activity.models import Activity
from marketplace.activity.services import activities_record
from marketplace.chain.parts import in_parts
from marketplace.escrow.consequences import bid_follow, grant_follow, job_follow, providers_follow
from marketplace.escrow.errors import NotYourSide
from marketplace.escrow.models import Agreement, Waiver
from marketplace.escrow.selectors import agreement_projections, columns_of, links_of
from protocol.statuses import AgreementStatus

ORDER = tuple(AgreementStatus)
PROJECTED = [field.name for field in Agreement._meta.fields if field.name not in ("id", "granted")]
"""The columns that follow from the logs alone."""


def agreements_project(*, agreements: Iterable[str], silent: bool = False) -> None:
    """Write agreements anew from their logs, and what follows for bids, jobs, providers and designs.

    Without an award among the logs there is no row. Doing so twice changes nothing. `silent`: what was wrong
    is put right, which is no news of the agreements. Raises LogsInconsistent.
    """
    for some in in_parts(agreements):
        _project(some, silent)


@transaction.atomic
def _project(agreements: Sequence[str], silent: bool) -> None:
    locked = Agreement.objects.select_for_update(of=["self"]).filter(pk__in=agreements)
    before = {row.pk: row for row in locked.select_related("job")}
    after = _write(agreements)
    known = [row for agreement in agreements if (row := after.get(agreement) or before.get(agreement))]
    news = [(kind, row) for row in known for kind in _news(before.get(row.pk), after.get(row.pk))]
    activities_record(activities=[] if silent else _told(news))
    granted = agreements_follow(agreements=known, gone=before.keys() - after.keys())
    activities_record(activities=[] if silent else _told(("agreement.granted", row) for row in granted))


def _write(agreements: Sequence[str]) -> dict[str, Agreement]:
    """The rows alone, as their logs have them; those without an award among their logs are deleted."""
    projections = {key: found for key, found in agreement_projections(agreements).items() if found}
    Agreement.objects.filter(pk__in=set(agreements) - projections.keys()).delete()
    links = links_of(projections.values())
    rows = [
        Agreement(pk=key, bid=links[key].bid, job=links[key].job, **columns_of(found))
        for key, found in projections.items()
    ]
    Agreement.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=PROJECTED)
    return {row.pk: row for row in rows}


def agreements_follow(*, agreements: Iterable[Agreement], gone: AbstractSet[str]) -> list[Agreement]:
    """What rows mean for bids, jobs, providers and designs. Those whose designs were granted just now."""
    agreements = list(agreements)
    for row in agreements:
        if row.bid_id:
            bid_follow(agreement=row, gone=row.pk in gone)
    for job in {row.job_id: row.job for row in agreements if row.job}.values():
        job_follow(job=job)
    providers_follow(addresses={row.provider for row in agreements})
    return [row for row in agreements if row.job and grant_follow(agreement=row, gone=row.pk in gone)]


@transaction.atomic
def grace_waive(*, agreement: Agreement, person: str) -> None:
    """The designer lets the winner have the designs before grace ends. Raises NotYourSide."""
    if person != agreement.designer:
        raise NotYourSide("Only the designer can waive the grace time: the designs are theirs.")
    _, new = Waiver.objects.get_or_create(agreement=agreement.pk, defaults={"designer": person})
    if new:
        activities_record(activities=_told([("agreement.grace_waived", agreement)]))
    agreements_project(agreements=[agreement.pk])


def _news(before: Agreement | None, after: Agreement | None) -> Iterator[str]:
    """The kinds of activity that tell the difference between two rows of one agreement."""
    if after is None:
        yield "agreement.removed"
        return
    if before is None:
        yield "agreement.awarded"
    old_status = before.status if before else AgreementStatus.NONE
    old_paid, old_head = (int(before.paid), before.head) if before else (0, None)
    if _rank(after.status) < _rank(old_status) or int(after.paid) < old_paid:
        yield "agreement.rewound"
    if after.head and after.head != old_head:
        yield "agreement.delivered"
    if after.given_up_at and not (before and before.given_up_at):
        yield "agreement.given_up"
    if after.status == AgreementStatus.DISPUTED != old_status:
        yield "agreement.disputed"
    if int(after.paid) > old_paid:
        yield "agreement.paid"
    if after.status == AgreementStatus.CLOSED != old_status:
        yield "agreement.closed"
    if _newly_final(before, after):
        yield "agreement.final"


def _rank(status: str) -> int:
    return ORDER.index(AgreementStatus(status))


def _newly_final(before: Agreement | None, after: Agreement) -> bool:
    old = (before.final_status, before.final_paid) if before else (AgreementStatus.NONE, "0")
    return (after.final_status, after.final_paid) != old


def _told(news: Iterable[tuple[str, Agreement]]) -> Iterator[Activity]:
    for kind, agreement in news:
        data = {
            "job": str(agreement.job_id) if agreement.job_id else None,
            "designer": agreement.designer,
            "provider": agreement.provider,
            "status": agreement.status,
            "how": agreement.how,
            "paid": agreement.paid,
            "final_status": agreement.final_status,
        }
        yield Activity(kind=kind, subject=f"agreement:{agreement.pk}", data=data)
