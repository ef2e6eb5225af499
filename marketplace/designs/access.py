"""The one place that decides what somebody may have of a design, and that logs every request for an
original."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from marketplace.activity.models import Activity
from marketplace.activity.selectors import activity_of
from marketplace.activity.services import activity_record
from marketplace.designs.models import Design, Grant
from marketplace.designs.rules import (
    DesignDeleted,
    DesignNotGranted,
    DesignStatus,
    Shown,
    Standing,
    What,
    may_have,
)
from marketplace.designs.selectors import is_granted

FETCHED = "design.fetched"
REFUSED = "design.fetch_refused"


def access_allowed(
    *,
    person: str,
    design: Design,
    what: What,
    shown: Shown | None = None,
    also: bool = True,
    told: str = "",
) -> bool:
    """Whether a person may have this of a design. `shown` is given by who knows that the person may see a
    job of it, and is what that job shows to bidders. `also` is what else has to hold; `told` is logged with
    a request for an original.

    An original is asked for by this call: allowed or not, that is recorded.
    """
    standing = _standing(person, design, bidder=shown is not None)
    allowed = also and design.status != DesignStatus.DELETED
    allowed = allowed and may_have(standing, what, shown or Shown.MEASUREMENTS)
    if what == What.ORIGINAL:
        _record(design, person, standing, FETCHED if allowed else REFUSED, told)
    return allowed


def design_seen_by(address: str, design: UUID, what: What) -> Design:
    """A design of which this person may have measurements, picture or preview. Raises Http404."""
    found = Design.objects.filter(pk=design).first()
    if found is None or not access_allowed(person=address, design=found, what=what):
        raise Http404
    return found


def grant_live(*, design: UUID, provider: str, agreement: str) -> Grant:
    """What lets a provider have the file of a design made ready. Raises DesignNotGranted, DesignDeleted."""
    found = Grant.objects.filter(design=design, provider=provider, agreement=agreement, revoked_at=None)
    grant = found.select_related("design").first()
    if grant is None:
        raise DesignNotGranted
    if grant.design.status == DesignStatus.DELETED:
        raise DesignDeleted
    return grant


def original_refuse(*, person: str, design: UUID, told: str) -> None:
    """Record that a request for an original was refused before it came to this."""
    found = Design.objects.filter(pk=design).first()
    if found:
        _record(found, person, _standing(person, found, bidder=False), REFUSED, told)


def requests_for_originals(design: Design) -> QuerySet[Activity]:
    """Who asked for the design's file and whether they got it, newest first."""
    return activity_of(design.subject).filter(kind__in=[FETCHED, REFUSED]).order_by("-id")


def _standing(person: str, design: Design, *, bidder: bool) -> Standing:
    if design.owner_id == person:
        return Standing.DESIGNER
    if is_granted(person, design):
        return Standing.WINNER
    return Standing.BIDDER if bidder else Standing.STRANGER


@transaction.atomic
def _record(design: Design, person: str, standing: Standing, kind: str, told: str) -> None:
    data = {"owner": design.owner_id, "as": standing.value, "told": told}
    activity_record(kind=kind, subject=design.subject, actor=person, data=data)
