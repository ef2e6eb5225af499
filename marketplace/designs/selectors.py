"""Reading designs and deciding who may see them."""

from uuid import UUID

from django.db.models import QuerySet, Sum
from django.http import Http404

from marketplace.designs.models import Design, Grant


def designs_of(address: str) -> QuerySet[Design]:
    """A person's designs, newest first."""
    return Design.objects.filter(owner_id=address).order_by("-uploaded_at", "-pk").prefetch_related("parts")


def uploads_of(address: str) -> QuerySet[Design]:
    """A person's uploads, newest first: an archive, not its parts."""
    return designs_of(address).filter(part_of=None)


def parts_of_design(design: Design) -> list[Design]:
    """What a job of this design is made of: an archive's parts in its order, or the design itself."""
    return sorted(design.parts.all(), key=lambda part: part.position) or [design]


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


def is_granted(address: str, design: Design) -> bool:
    """Whether a provider holds a live grant for the file."""
    return Grant.objects.filter(design=design, provider=address, revoked_at=None).exists()


def purposes_granted(address: str) -> QuerySet[Grant, str]:
    """What a provider holds live grants for: subjects such as "job:<uuid>"."""
    return (
        Grant.objects.filter(provider=address, revoked_at=None).values_list("purpose", flat=True).distinct()
    )


def bytes_used(address: str) -> int:
    """What a person's uploads take together."""
    uploads = Design.objects.filter(owner_id=address, part_of=None)
    used: int | None = uploads.aggregate(used=Sum("bytes"))["used"]
    return used or 0
