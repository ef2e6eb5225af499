"""The one place that decides what somebody may have of a design, that logs every request for an original and
counts those for pictures and previews."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone

from marketplace.activity.models import Activity
from marketplace.activity.selectors import activity_of
from marketplace.activity.services import activity_record
from marketplace.designs.models import Design, Grant, Viewing
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


def access_allowed(*, person: str, design: Design, what: What, shown: Shown | None = None) -> bool:
    """Whether a person may have this of a design. `shown` is given by who knows that the person may see a
    job of it, and is what that job shows to bidders."""
    standing = _standing(person, design, bidder=shown is not None)
    allowed = may_have(standing, what, shown or Shown.MEASUREMENTS)
    return allowed and design.status != DesignStatus.DELETED


def original_asked(*, person: str, design: Design, also: bool, told: str) -> bool:
    """Whether a person may have an original now; `also` is what else has to hold. Each time it is recorded,
    with what is `told`, allowed or not."""
    allowed = also and access_allowed(person=person, design=design, what=What.ORIGINAL)
    _record(design, person, FETCHED if allowed else REFUSED, told)
    return allowed


def look_taken(*, person: str, design: Design, what: What, shown: Shown | None = None) -> None:
    """Let a person see a picture or the preview, as access_allowed says; counted, allowed or not, but for the
    designer's own. Raises Http404 for who may not."""
    given = access_allowed(person=person, design=design, what=what, shown=shown)
    standing = _standing(person, design, bidder=shown is not None)
    if standing != Standing.DESIGNER:
        _count(design, person, what, standing, given=given)
    if not given:
        raise Http404


def preview_taken(*, person: str, design: Design, shown: Shown | None = None) -> str:
    """The digest (0x text) of the preview that a person may have, taken as by look_taken: bidders have a
    coarse one. Raises Http404, also where there is none (yet)."""
    standing = _standing(person, design, bidder=shown is not None)
    kept = design.light if standing == Standing.BIDDER else design.preview
    if not kept:
        raise Http404
    look_taken(person=person, design=design, what=What.PREVIEW, shown=shown)
    return kept


def design_known(design: UUID) -> Design:
    """Raises Http404."""
    found = Design.objects.filter(pk=design).first()
    if found is None:
        raise Http404
    return found


def design_seen_by(address: str, design: UUID) -> Design:
    """A design of which this person may have the measurements. Raises Http404."""
    found = design_known(design)
    if not access_allowed(person=address, design=found, what=What.MEASUREMENTS):
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
        _record(found, person, REFUSED, told)


def requests_for_originals(design: Design) -> QuerySet[Activity]:
    """Who asked for the design's file and whether they got it, newest first."""
    return activity_of(design.subject).filter(kind__in=[FETCHED, REFUSED]).order_by("-id")


def original_early(*, person: str, design: UUID) -> None:
    """Count that a provider asked for what it has won, or says so, before that was final. Agents ask again
    and again: a row each would be too many."""
    found = Design.objects.filter(pk=design).first()
    if found and found.owner_id != person:
        _count(found, person, What.ORIGINAL, _standing(person, found, bidder=True), given=False)


def looks_at(design: Design) -> QuerySet[Viewing]:
    """Who else saw the design's pictures or its preview, or wanted to, newest first."""
    return Viewing.objects.filter(design=design).order_by("-last_at", "-pk")


def _standing(person: str, design: Design, *, bidder: bool) -> Standing:
    if design.owner_id == person:
        return Standing.DESIGNER
    if is_granted(person, design):
        return Standing.WINNER
    return Standing.BIDDER if bidder else Standing.STRANGER


def _count(design: Design, person: str, what: What, standing: Standing, *, given: bool) -> None:
    now = timezone.now()
    key = {"design": design, "viewer": person, "day": now.date(), "what": what, "given": given}
    last = {"standing": standing, "last_at": now}
    try:
        row, _ = Viewing.objects.get_or_create(**key, defaults=last)
    except IntegrityError as error:
        # It was deleted just now.
        raise Http404 from error
    Viewing.objects.filter(pk=row.pk).update(count=F("count") + 1, **last)


@transaction.atomic
def _record(design: Design, person: str, kind: str, told: str) -> None:
    standing = _standing(person, design, bidder=False)
    data = {"owner": design.owner_id, "as": standing.value, "told": told}
    activity_record(kind=kind, subject=design.subject, actor=person, data=data)
