"""Reading designs and deciding who may see them."""

from uuid import UUID

from django.db.models import QuerySet, Sum
from django.http import Http404

from marketplace.designs.mesh.estimate import Settings, Slice, Wanted
from marketplace.designs.models import Design, Grant, Slicing
from marketplace.designs.rules import DesignNotMeasured, SlicingStatus


def designs_of(address: str) -> QuerySet[Design]:
    """A person's designs, newest first."""
    return Design.objects.filter(owner_id=address).order_by("-uploaded_at", "-pk")


def design_of(address: str, design: UUID) -> Design:
    """A person's own design. Raises Http404 for anybody else's, as for none."""
    found = designs_of(address).filter(pk=design).first()
    if found is None:
        raise Http404
    return found


def design_seen_by(address: str, design: UUID) -> Design:
    """A design of which this person may see picture and measurements: own, or granted. Raises Http404."""
    found = Design.objects.filter(pk=design).first()
    if found is None or (found.owner_id != address and not is_granted(address, found)):
        raise Http404
    return found


def wanted_of(design: Design, how: Settings, copies: int = 1) -> Wanted:
    """What an estimate of it goes by. Raises DesignNotMeasured."""
    if design.measured is None:
        raise DesignNotMeasured("This design is not measured (yet): look at its status and reasons.")
    return Wanted(design.measured, copies, how, slices_of(design))


def slices_of(design: Design) -> tuple[Slice, ...]:
    """What slicers said of a design so far."""
    done = Slicing.objects.filter(design=design, status=SlicingStatus.SLICED).order_by("pk")
    return tuple(slice_ for each in done if (slice_ := each.said))


def is_being_sliced(design: Design) -> bool:
    """Whether its estimate will change by itself."""
    under_way = [SlicingStatus.WAITING, SlicingStatus.SLICING]
    return Slicing.objects.filter(design=design, status__in=under_way).exists()


def is_granted(address: str, design: Design) -> bool:
    """Whether a provider holds a live grant for the file."""
    return Grant.objects.filter(design=design, provider=address, revoked_at=None).exists()


def purposes_granted(address: str) -> QuerySet[Grant, str]:
    """What a provider holds live grants for: subjects such as "job:<uuid>"."""
    return (
        Grant.objects.filter(provider=address, revoked_at=None).values_list("purpose", flat=True).distinct()
    )


def bytes_used(address: str) -> int:
    """What a person's designs take together."""
    used: int | None = Design.objects.filter(owner_id=address).aggregate(used=Sum("bytes"))["used"]
    return used or 0
