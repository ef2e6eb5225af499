"""Reading designs."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Sum
from django.http import Http404

from marketplace.designs.mesh.angles import THUMBNAIL
from marketplace.designs.mesh.estimate import Settings, Slice, Wanted
from marketplace.designs.models import Design, Grant, Repair, Slicing, Upload
from marketplace.designs.rules import DesignNotMeasured, DesignStatus, SlicingStatus

COUNTED: Final = Q(part_of=None) | Q(part_of__status=DesignStatus.DELETED)
"""An archive in place of its parts, as long as it is kept."""


def designs_of(address: str) -> QuerySet[Design]:
    """A person's designs, newest first, without those deleted."""
    kept = Design.objects.filter(owner_id=address).exclude(status=DesignStatus.DELETED)
    return (
        kept.order_by("-uploaded_at", "-pk")
        .select_related("part_of", "repaired_from")
        .prefetch_related("parts")
    )


def uploads_of(address: str) -> QuerySet[Design]:
    """A person's uploads, newest first: an archive, not its parts; these where the archive was deleted."""
    return designs_of(address).filter(COUNTED)


def parts_of_design(design: Design) -> list[Design]:
    """What a job of this design is made of: an archive's parts in its order, or the design itself."""
    return design.parts_kept or [design]


def whole_of(design: Design) -> Design | None:
    """The design of the same file as one, of which a part was found in it; None for a part of an archive."""
    apart = design.part_of
    if apart is None or not apart.apart or apart.status == DesignStatus.DELETED:
        return None
    same = Design.objects.filter(owner_id=apart.owner_id, digest=apart.digest, unit=apart.unit)
    return same.filter(apart=False, part_of=None).exclude(status=DesignStatus.DELETED).first()


def design_of(address: str, design: UUID) -> Design:
    """A person's own design. Raises Http404 for anybody else's, as for none."""
    found = designs_of(address).filter(pk=design).first()
    if found is None:
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
    """What a person's uploads take together, one read in several units once; and their unfinished uploads
    will. The parts of an archive count only where that was deleted."""
    files = Design.objects.filter(COUNTED, owner_id=address).values("digest").annotate(once=Max("bytes"))
    used = files.aggregate(used=Sum("once"))["used"]
    uploads = uploads_open(address).aggregate(used=Sum("length"))["used"]
    return (used or 0) + (uploads or 0)


def uploads_open(address: str) -> QuerySet[Upload]:
    """A person's uploads that are no designs yet."""
    return Upload.objects.filter(owner_id=address, design=None)


def upload_of(address: str, upload: UUID, now: datetime) -> Upload:
    """A person's own upload. Raises Http404 for anybody else's, as for none or one that has expired."""
    found = Upload.objects.filter(pk=upload, owner_id=address, expires_at__gt=now).first()
    if found is None:
        raise Http404
    return found
