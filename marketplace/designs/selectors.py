"""Reading designs and deciding who may see them."""

from uuid import UUID

from django.db.models import Max, QuerySet, Sum
from django.http import Http404

from marketplace.designs.mesh.angles import THUMBNAIL
from marketplace.designs.models import Design, Grant, Repair


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


def is_granted(address: str, design: Design) -> bool:
    """Whether a provider holds a live grant for the file."""
    return Grant.objects.filter(design=design, provider=address, revoked_at=None).exists()


def purposes_granted(address: str) -> QuerySet[Grant, str]:
    """What a provider holds live grants for: subjects such as "job:<uuid>"."""
    return (
        Grant.objects.filter(provider=address, revoked_at=None).values_list("purpose", flat=True).distinct()
    )


def picture_of(design: Design, angle: str) -> str:
    """The digest (0x text) of a design's picture from an angle. Raises Http404 where there is none (yet)."""
    if angle == THUMBNAIL:
        found = design.picture
    else:
        found = design.pictures.filter(angle=angle).values_list("picture", flat=True).first() or ""
    if not found:
        raise Http404
    return found


def repair_of(design: Design) -> Repair | None:
    """The repair that was asked for of a design."""
    return Repair.objects.filter(design=design).select_related("made").first()


def bytes_used(address: str) -> int:
    """What a person's files take together; one read in several units counts once."""
    files = Design.objects.filter(owner_id=address).values("digest").annotate(once=Max("bytes"))
    used: int | None = files.aggregate(used=Sum("once"))["used"]
    return used or 0
