"""What a design may become and who may have it. Pure."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from protocol.errors import InfillError, TransitionRefused

NAME_LIMIT: Final = 120
# What can be asked for of a print.
LAYER_UM_RANGE: Final = (50, 400)
INFILL_RANGE: Final = (0, 100)
QUANTITY_LIMIT: Final = 10_000
# Of a job, so of an archive that becomes one.
PARTS_LIMIT: Final = 50
# Of one part.
COPIES_LIMIT: Final = 1_000
# A file that has killed this many measuring workers is not given to another one.
ATTEMPT_LIMIT: Final = 3
# Renewed while the measuring child runs, so a dead worker's design waits no longer than this.
LEASE: Final = timedelta(seconds=20)
# An upload that has received nothing for so long is given up; one person may have so many open.
UPLOAD_OPEN_FOR: Final = timedelta(days=1)
UPLOAD_OPEN_LIMIT: Final = 20


class DesignStatus(StrEnum):
    UPLOADED = "UPLOADED"
    MEASURING = "MEASURING"
    MEASURED = "MEASURED"
    REFUSED = "REFUSED"
    DELETED = "DELETED"


class Shown(StrEnum):
    """How much of its designs a job shows to those who may bid."""

    MEASUREMENTS = "measurements"
    PICTURES = "pictures"
    PREVIEW = "preview"


class What(StrEnum):
    """What there is to have of a design."""

    MEASUREMENTS = "measurements"
    PICTURE = "picture"
    PREVIEW = "preview"
    ORIGINAL = "original"


class Standing(StrEnum):
    """What somebody is to a design. A bidder is who may see a job of it; a winner holds a live grant."""

    DESIGNER = "designer"
    WINNER = "winner"
    BIDDER = "bidder"
    STRANGER = "stranger"


BIDDERS_HAVE: Final[dict[Shown, frozenset[What]]] = {
    Shown.MEASUREMENTS: frozenset({What.MEASUREMENTS}),
    Shown.PICTURES: frozenset({What.MEASUREMENTS, What.PICTURE}),
    Shown.PREVIEW: frozenset({What.MEASUREMENTS, What.PICTURE, What.PREVIEW}),
}


def may_have(standing: Standing, what: What, shown: Shown) -> bool:
    """Whether somebody may have this of a design, in a job that shows bidders so much."""
    if standing == Standing.BIDDER:
        return what in BIDDERS_HAVE[shown]
    return standing in {Standing.DESIGNER, Standing.WINNER}


class SlicingStatus(StrEnum):
    WAITING = "WAITING"
    SLICING = "SLICING"
    SLICED = "SLICED"
    FAILED = "FAILED"


# What a measured design is sliced for before anybody asks.
USUAL_LAYER_UM: Final = 200
USUAL_INFILL_PERCENT: Final = 20
# Of one design, whatever became of them: further settings are estimated from the nearest.
SLICINGS_LIMIT: Final = 12


class RepairStatus(StrEnum):
    WANTED = "WANTED"
    REPAIRING = "REPAIRING"
    DONE = "DONE"
    REFUSED = "REFUSED"


Status = DesignStatus | RepairStatus | SlicingStatus

# What is worked at becomes itself when it is claimed again, as the worker that had it did not come back.
TRANSITIONS: Final[dict[type[Status], dict[Status, frozenset[Status]]]] = {
    DesignStatus: {
        DesignStatus.UPLOADED: frozenset({DesignStatus.MEASURING, DesignStatus.DELETED}),
        DesignStatus.MEASURING: frozenset(
            {DesignStatus.MEASURING, DesignStatus.MEASURED, DesignStatus.REFUSED, DesignStatus.DELETED}
        ),
        DesignStatus.MEASURED: frozenset({DesignStatus.DELETED}),
        DesignStatus.REFUSED: frozenset({DesignStatus.DELETED}),
        DesignStatus.DELETED: frozenset(),
    },
    RepairStatus: {
        RepairStatus.WANTED: frozenset({RepairStatus.REPAIRING}),
        RepairStatus.REPAIRING: frozenset({RepairStatus.REPAIRING, RepairStatus.DONE, RepairStatus.REFUSED}),
        RepairStatus.DONE: frozenset(),
        RepairStatus.REFUSED: frozenset(),
    },
    SlicingStatus: {
        SlicingStatus.WAITING: frozenset({SlicingStatus.SLICING}),
        SlicingStatus.SLICING: frozenset({SlicingStatus.SLICING, SlicingStatus.SLICED, SlicingStatus.FAILED}),
        SlicingStatus.SLICED: frozenset(),
        SlicingStatus.FAILED: frozenset(),
    },
}

# Findings that a repair can do something about.
REPAIRABLE: Final = frozenset(
    {
        "not-watertight", "winding", "inside-out", "degenerate", "duplicate-facets", "duplicate-shell",
        "inverted-shell", "swallowed-shell", "self-intersection",
    }
)  # fmt: skip


class UploadTooLarge(InfillError):
    """One upload is beyond the site's limit."""

    code = "upload-too-large"
    http_status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"Uploads are limited to {size_text(limit)}: export the model with a coarser tolerance."
        )


class UploadQuotaExceeded(InfillError):
    """A person's designs together would be beyond their quota."""

    code = "upload-quota-exceeded"
    http_status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self, used: int, size: int, quota: int) -> None:
        super().__init__(
            f"Your designs take {size_text(used)} of {size_text(quota)}; {size_text(size)} more do not fit."
        )


class TooManyUploads(InfillError):
    """A person has as many unfinished uploads as one may have."""

    code = "too-many-uploads"
    http_status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self) -> None:
        super().__init__(f"{UPLOAD_OPEN_LIMIT} uploads are unfinished: finish or delete one first.")


class UploadOffsetWrong(InfillError):
    """Bytes were sent for another place than the next one: no holes, nothing twice."""

    code = "upload-offset-wrong"
    http_status = HTTPStatus.CONFLICT

    def __init__(self, expected: int) -> None:
        super().__init__(f"The next byte is number {expected}: ask with HEAD and send from there.")
        self.extra = {"expected_offset": expected}


class UploadOverrun(InfillError):
    """More bytes were sent than announced."""

    code = "upload-overrun"
    http_status = HTTPStatus.BAD_REQUEST

    def __init__(self, length: int) -> None:
        super().__init__(f"The upload was announced with {length} bytes; more were sent, and none kept.")


class UploadBusy(InfillError):
    """Another request writes to the same upload."""

    code = "upload-busy"
    http_status = HTTPStatus.LOCKED

    def __init__(self) -> None:
        super().__init__("Another request is writing to this upload: wait a moment and ask with HEAD.")


class UploadLost(InfillError):
    """What was sent so far is not on this server."""

    code = "upload-lost"
    http_status = HTTPStatus.GONE

    def __init__(self) -> None:
        super().__init__("What was sent so far is not on this server any more: start the upload again.")


class DiskFull(InfillError):
    """The server has no room for more bytes."""

    code = "disk-full"
    http_status = HTTPStatus.INSUFFICIENT_STORAGE

    def __init__(self) -> None:
        super().__init__("The server's disk is full. What was received before is kept: go on later.")


class DesignNotMeasured(InfillError):
    """The design's measurements are asked for before they exist, or it was refused."""

    code = "design-not-measured"
    http_status = HTTPStatus.CONFLICT


class NothingToRepair(InfillError):
    """A repair is asked for of a design in which nothing was found that a repair could mend."""

    code = "nothing-to-repair"
    http_status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__("Nothing was found in this design that a repair could mend.")


class NothingToPart(InfillError):
    """Parts are asked for of a file that holds one thing, or more than a job may have parts."""

    code = "nothing-to-part"
    http_status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            f"This file holds one thing, or more than {PARTS_LIMIT} different ones or {COPIES_LIMIT:,} of "
            "the same: it is printed as one."
        )


class DesignNotGranted(InfillError):
    """The file is asked for by somebody who may not have it, or not yet."""

    code = "design-not-granted"
    http_status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            "Only the designer, and the provider whose award is final, may fetch this file. "
            "If you won it, wait for the agreement's grant."
        )


class DeliveryNeeded(InfillError):
    """The winner asks for the plain file; it has the file encrypted to its agent's key alone."""

    code = "delivery-needed"
    http_status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            "A provider is given the file encrypted to its agent's key alone: name that key by "
            "POST /api/v1/agreements/<agreement>/designs."
        )


class DesignDeleted(InfillError):
    """Its designer deleted the file."""

    code = "design-deleted"
    http_status = HTTPStatus.GONE

    def __init__(self) -> None:
        super().__init__("Its designer deleted this design. Nobody has its file any more here.")


class DesignInUse(InfillError):
    """A design is to be deleted that somebody still has to print."""

    code = "design-in-use"
    http_status = HTTPStatus.CONFLICT

    def __init__(self, uses: Iterable[str]) -> None:
        told = "; ".join(uses)
        super().__init__(f"This design cannot be deleted yet: {told}.")


class RecipientRefused(InfillError):
    """The key to which a file is to be encrypted is none, or was not named by who may."""

    code = "recipient-refused"
    http_status = HTTPStatus.FORBIDDEN


def check_transition(current: Status, new: Status) -> None:
    """Raises TransitionRefused unless `new` may follow `current`."""
    if new not in TRANSITIONS[type(current)][current]:
        raise TransitionRefused(current, new)


def is_repairable(codes: Iterable[str], bodies: int) -> bool:
    """Whether a repair may help a model of so many bodies against findings of these codes: bodies that run
    through one another are united, one that runs through itself is not undone."""
    mended = REPAIRABLE if bodies > 1 else REPAIRABLE - {"self-intersection"}
    return not mended.isdisjoint(codes)


def repaired_name(name: str) -> str:
    """What a repaired version is called: the repair writes an STL."""
    stem = name.rsplit(".", 1)[0]
    return stem[: NAME_LIMIT - 14] + " repaired.stl"


def apart_name(name: str) -> str:
    """What a file is called where its things are parts."""
    stem, dot, suffix = name.rpartition(".") if "." in name[-6:] else (name, "", "")
    end = f" as parts{dot}{suffix}"
    return clean_name(stem)[: NAME_LIMIT - len(end)] + end


def clean_name(name: str) -> str:
    """A file's name as shown and offered for download: no folders, no control characters, not empty."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in base if letter.isprintable()).strip(" .")
    return shown[:NAME_LIMIT] or "model.stl"


def size_text(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count:,} bytes"
