"""What a job may ask for, and when it takes bids. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import PurePath
from typing import Final
from uuid import UUID

from marketplace.designs.mesh.materials import DENSITIES
from marketplace.designs.rules import (
    COPIES_LIMIT,
    INFILL_RANGE,
    LAYER_UM_RANGE,
    PARTS_LIMIT,
    QUANTITY_LIMIT,
    Shown,
)
from protocol.errors import InfillError
from protocol.statuses import JobStatus

TITLE_LIMIT: Final = 120
TEXT_LIMIT: Final = 120
COLOUR_LIMIT: Final = 64
BUDGET_LIMIT: Final = 2**96 - 1
# Nobody can print, review and be paid in less; nobody plans further ahead.
SHORTEST: Final = timedelta(minutes=10)
LONGEST: Final = timedelta(days=365)
BIDDING_TIME: Final = timedelta(days=7)

TOLERANCE: Final = "standard"
SAMPLING: Final = "each"
ANY_ZONE: Final = "any"
LICENCE: Final = "print only, delete afterwards"

# What a provider with a printer may look up; the others are the designer's own business.
PUBLIC_STATUSES: Final = frozenset(
    {JobStatus.OPEN, JobStatus.AWARDED, JobStatus.CLOSED, JobStatus.WITHDRAWN, JobStatus.EXPIRED}
)

# Kinds of files that a name may end with, as agents go by them.
SUFFIXES: Final = frozenset({".stl", ".3mf", ".obj", ".ply", ".glb", ".gltf", ".step", ".stp"})

# Nothing can come of these any more: their designs may be deleted.
OVER: Final = frozenset({JobStatus.REFUSED, JobStatus.WITHDRAWN, JobStatus.EXPIRED, JobStatus.CLOSED})


class JobInvalid(InfillError):
    """What is asked for cannot be posted; `extra` names the fields."""

    code = "invalid"
    http_status = HTTPStatus.BAD_REQUEST

    def __init__(self, fields: dict[str, list[str]]) -> None:
        super().__init__("; ".join(f"{name}: {' '.join(messages)}" for name, messages in fields.items()))
        self.extra = {"fields": fields}


class JobStatusConflict(InfillError):
    """The job's status does not allow this."""

    code = "job-status-conflict"
    http_status = HTTPStatus.CONFLICT

    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(f"The job is {status} and cannot become {wanted}.")
        self.extra = {"job_status": status}


class JobSpecClosed(InfillError):
    """The spec is asked for by somebody who may not have it (any more)."""

    code = "job-spec-closed"
    http_status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("The spec goes to providers while the job is open, and to who won it.")


class JobNotOpened(InfillError):
    """The job has no spec yet."""

    code = "job-not-opened"
    http_status = HTTPStatus.CONFLICT

    def __init__(self, status: str) -> None:
        super().__init__(f"The job is {status}: its spec exists once every design is measured.")


@dataclass(frozen=True)
class PartAsked:
    """One design of the set: how often, of what and how finely."""

    design: UUID
    copies: int
    material: str
    colour: str
    layer_um: int
    infill_percent: int


@dataclass(frozen=True)
class Posting:
    """What a designer asks for: `quantity` sets of parts. Budget in wei for all together; times aware."""

    title: str
    parts: Sequence[PartAsked]
    quantity: int
    deadline: datetime
    bids_close_at: datetime
    budget_wei: int
    ship_to_zone: str
    licence: str
    shown: Shown = Shown.PICTURES


def bids_close_by_default(deadline: datetime, now: datetime) -> datetime:
    return min(deadline, now + BIDDING_TIME)


def posting_problems(posting: Posting, now: datetime) -> dict[str, list[str]]:
    """What is wrong with a posting, by field; empty when nothing is."""
    problems: dict[str, list[str]] = {}
    for field, message in (*_texts(posting), *_numbers(posting), *_times(posting, now), *_parts(posting)):
        problems.setdefault(field, []).append(message)
    return problems


def _texts(posting: Posting) -> Iterator[tuple[str, str]]:
    for field, limit in (("title", TITLE_LIMIT), ("ship_to_zone", 64), ("licence", 200)):
        if not _is_line(getattr(posting, field), limit):
            yield field, f"Write 1 to {limit} printable characters."


def _is_line(text: str, limit: int) -> bool:
    return bool(text.strip()) and len(text) <= limit and text.isprintable()


def _parts(posting: Posting) -> Iterator[tuple[str, str]]:
    if not 1 <= len(posting.parts) <= PARTS_LIMIT:
        yield "parts", f"A job has 1 to {PARTS_LIMIT} parts."
        return
    for at, part in enumerate(posting.parts):
        for field, message in part_problems(part):
            yield f"parts.{at}.{field}", message


def part_problems(part: PartAsked) -> Iterator[tuple[str, str]]:
    """What is wrong with one part, by field."""
    if part.material not in DENSITIES:
        yield "material", f"Choose one of {', '.join(sorted(DENSITIES))}."
    if not _is_line(part.colour, COLOUR_LIMIT):
        yield "colour", f"Write 1 to {COLOUR_LIMIT} printable characters."
    ranges = {"copies": (1, COPIES_LIMIT), "layer_um": LAYER_UM_RANGE, "infill_percent": INFILL_RANGE}
    for field, (least, most) in ranges.items():
        if not least <= getattr(part, field) <= most:
            yield field, f"Must be {least} to {most}."


def _numbers(posting: Posting) -> Iterator[tuple[str, str]]:
    ranges = {
        "quantity": (1, QUANTITY_LIMIT),
        "budget_wei": (1, BUDGET_LIMIT),
    }
    for field, (least, most) in ranges.items():
        if not least <= getattr(posting, field) <= most:
            yield field.removesuffix("_wei"), f"Must be {least} to {most}."


def _times(posting: Posting, now: datetime) -> Iterator[tuple[str, str]]:
    if not now + SHORTEST <= posting.deadline <= now + LONGEST:
        yield "deadline", "Must be between 10 minutes and 365 days from now."
    if not now < posting.bids_close_at <= posting.deadline:
        yield "bids_close_at", "Must be in the future and not after the deadline."


def takes_bids(status: str, bids_close_at: datetime, now: datetime) -> bool:
    """Whether a bid that arrives now can still win."""
    return status == JobStatus.OPEN and now < bids_close_at


def part_name(file: str, shown: Shown, position: int) -> str:
    """What others than the designer read as a part's name: of a job that shows measurements alone not the
    file's, which may say what it is."""
    if shown != Shown.MEASUREMENTS:
        return file
    suffix = PurePath(file).suffix.lower()
    return f"part {position + 1}{suffix if suffix in SUFFIXES else '.stl'}"


def bidders_shown(status: JobStatus, shown: Shown) -> Shown | None:
    """How much of its designs a job shows to providers now; nothing where it takes no bids."""
    return shown if status == JobStatus.OPEN else None
