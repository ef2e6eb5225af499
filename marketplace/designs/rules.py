"""What a design may become and who may have it. Pure."""

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
# A file that has killed this many measuring workers is not given to another one.
ATTEMPT_LIMIT: Final = 3
# Renewed while the measuring child runs, so a dead worker's design waits no longer than this.
LEASE: Final = timedelta(seconds=20)


class DesignStatus(StrEnum):
    UPLOADED = "UPLOADED"
    MEASURING = "MEASURING"
    MEASURED = "MEASURED"
    REFUSED = "REFUSED"


TRANSITIONS: Final[dict[DesignStatus, frozenset[DesignStatus]]] = {
    DesignStatus.UPLOADED: frozenset({DesignStatus.MEASURING}),
    # Claimed again when the worker that claimed it did not come back.
    DesignStatus.MEASURING: frozenset({DesignStatus.MEASURING, DesignStatus.MEASURED, DesignStatus.REFUSED}),
    DesignStatus.MEASURED: frozenset(),
    DesignStatus.REFUSED: frozenset(),
}


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


class DesignNotMeasured(InfillError):
    """The design's measurements are asked for before they exist, or it was refused."""

    code = "design-not-measured"
    http_status = HTTPStatus.CONFLICT


class DesignNotGranted(InfillError):
    """The file is asked for by somebody who may not have it, or not yet."""

    code = "design-not-granted"
    http_status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            "Only the designer, and the provider whose award is final, may fetch this file. "
            "If you won it, wait for the agreement's grant."
        )


def check_transition(current: DesignStatus, new: DesignStatus) -> None:
    """Raises TransitionRefused unless `new` may follow `current`."""
    if new not in TRANSITIONS[current]:
        raise TransitionRefused(current, new)


def clean_name(name: str) -> str:
    """A file's name as shown and offered for download: no folders, no control characters, not empty."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in base if letter.isprintable()).strip(" .")
    return shown[:NAME_LIMIT] or "model.stl"


def size_text(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count:,} bytes"
