"""Writing agreements: always from the stored logs, never from a request."""

from collections.abc import Iterator

from django.db import transaction

from marketplace.activity.services import activity_record
from marketplace.bidding.models import Bid
from marketplace.escrow.consequences import bid_follow, grant_follow, job_follow, provider_follow
from marketplace.escrow.errors import NotYourSide
from marketplace.escrow.models import Agreement, Waiver
from marketplace.escrow.selectors import agreement_projection, agreements_logged, columns_of, job_answered
from protocol.statuses import AgreementStatus

ORDER = tuple(AgreementStatus)


@transaction.atomic
def agreement_project(*, agreement: str) -> Agreement | None:
    """Write an agreement's row anew from its logs, and what follows for bid, job, provider and designs.

    Without an award among the logs there is no row. Doing so twice changes nothing. Raises LogsInconsistent.
    """
    before = Agreement.objects.select_for_update().filter(pk=agreement).first()
    after = agreement_write(agreement=agreement)
    if known := after or before:
        for kind in _news(before, after):
            _announce(kind, known)
        if agreement_follow(agreement=known, gone=after is None):
            _announce("agreement.granted", known)
    return after


def agreement_write(*, agreement: str) -> Agreement | None:
    """The row alone, as its logs have it; deleted where no award is among them. Raises LogsInconsistent."""
    projection = agreement_projection(agreement)
    if projection is None:
        Agreement.objects.filter(pk=agreement).delete()
        return None
    bid = Bid.objects.filter(pk=agreement).first()
    links = {"bid": bid, "job": bid.job if bid else job_answered(projection.seen.bid)}
    row, _ = Agreement.objects.update_or_create(pk=agreement, defaults=columns_of(projection) | links)
    return row


def agreement_follow(*, agreement: Agreement, gone: bool = False) -> bool:
    """What a row means for its bid, job, provider and designs. Whether designs were granted just now."""
    bid_follow(agreement=agreement, gone=gone)
    if agreement.job:
        job_follow(job=agreement.job)
    provider_follow(provider=agreement.provider)
    return grant_follow(agreement=agreement, gone=gone)


@transaction.atomic
def agreements_rebuild() -> int:
    """Drop every projected row and write all anew from the stored logs; says how many. Tells no news."""
    dropped = {row.pk: row for row in Agreement.objects.all()}
    Agreement.objects.all().delete()
    rows = [row for agreement in agreements_logged() if (row := agreement_write(agreement=agreement))]
    for row in rows:
        agreement_follow(agreement=row)
        dropped.pop(row.pk, None)
    for row in dropped.values():
        agreement_follow(agreement=row, gone=True)
    return len(rows)


@transaction.atomic
def grace_waive(*, agreement: Agreement, person: str) -> None:
    """The designer lets the winner have the designs before grace ends. Raises NotYourSide."""
    if person != agreement.designer:
        raise NotYourSide("Only the designer can waive the grace time: the designs are theirs.")
    _, new = Waiver.objects.get_or_create(agreement=agreement.pk, defaults={"designer": person})
    if new:
        _announce("agreement.grace_waived", agreement)
    agreement_project(agreement=agreement.pk)


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


def _announce(kind: str, agreement: Agreement) -> None:
    activity_record(
        kind=kind,
        subject=f"agreement:{agreement.pk}",
        data={
            "job": str(agreement.job_id) if agreement.job_id else None,
            "designer": agreement.designer,
            "provider": agreement.provider,
            "status": agreement.status,
            "how": agreement.how,
            "paid": agreement.paid,
            "final_status": agreement.final_status,
        },
    )
