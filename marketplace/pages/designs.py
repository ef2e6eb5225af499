"""What a design's card shows: pictures with marks, findings, units, room on printers, a repair."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from marketplace.designs.mesh.angles import ANGLES, THUMBNAIL, Projection
from marketplace.designs.mesh.findings import Finding, Severity
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.models import Design, Repair
from marketplace.designs.rules import RepairStatus, is_repairable
from marketplace.designs.selectors import repair_of
from marketplace.pages.compare import Comparison, compared
from marketplace.pages.fitting import Room, room_for

ANGLE_WORDS: Final = {
    "corner": "Overview",
    "front": "Front",
    "back": "Back",
    "top": "Top",
    "bottom": "Below",
}
TONES: Final = {Severity.PROBLEM: "bad", Severity.WARNING: "open", Severity.INFO: "calm"}
WORST_FIRST: Final = (Severity.PROBLEM, Severity.WARNING, Severity.INFO)
# A mark smaller than this many pixels is drawn as a ring around its middle.
SMALLEST_BOX: Final = 26.0


@dataclass(frozen=True)
class Shown:
    """A finding with its number on the card."""

    number: int
    finding: Finding

    @property
    def tone(self) -> str:
        return TONES[self.finding.severity]

    @property
    def low(self) -> str:
        return " ".join(map(str, self.finding.place.low)) if self.finding.place else ""

    @property
    def high(self) -> str:
        return " ".join(map(str, self.finding.place.high)) if self.finding.place else ""


@dataclass(frozen=True)
class Mark:
    """A finding's place in a picture, in pixels."""

    number: int
    tone: str
    left: float
    top: float
    width: float
    height: float

    @property
    def is_ring(self) -> bool:
        return max(self.width, self.height) < SMALLEST_BOX

    @property
    def x(self) -> float:
        return self.left + self.width / 2

    @property
    def y(self) -> float:
        return self.top + self.height / 2

    @property
    def badge_x(self) -> float:
        return min(max(self.x + 15 if self.is_ring else self.left, 14.0), 626.0)

    @property
    def badge_y(self) -> float:
        return min(max(self.y - 15 if self.is_ring else self.top, 14.0), 466.0)


@dataclass(frozen=True)
class Side:
    """A picture from one angle."""

    angle: str
    words: str
    url: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class RepairShown:
    """A repair, offered or asked for. `other` is the version beside the design: repaired, or the original."""

    offered: bool
    waits: bool
    refusals: tuple[str, ...]
    done: tuple[str, ...]
    other: Design | None
    is_original: bool
    comparison: Comparison | None


@dataclass(frozen=True)
class Card:
    """All that is shown of a design that has a status; `measured` is None before it is measured."""

    design: Design
    measured: Measurement | None
    verdict: tuple[str, str]
    sides: tuple[Side, ...]
    findings: tuple[Shown, ...]
    room: Room | None

    @property
    def read_in(self) -> str:
        return (self.design.source or {}).get("read_in", "") or self.design.unit

    @property
    def read_in_words(self) -> str:
        return Unit(self.read_in).words if self.read_in else "millimetres"

    @property
    def guess(self) -> tuple[str, str] | None:
        """A likelier unit, and its words."""
        guess = (self.design.source or {}).get("unit_guess")
        return (guess["unit"], Unit(guess["unit"]).words) if guess else None

    @property
    def units(self) -> list[tuple[str, str]]:
        return [(unit.value, unit.words) for unit in Unit]

    @property
    def down(self) -> str:
        """The direction of a better way up, for the viewer; empty where there is none."""
        turning = self.measured.turning if self.measured else None
        return " ".join(map(str, turning.down)) if turning else ""


def card_of(design: Design) -> Card:
    """A design's card."""
    measured = design.measured
    findings = tuple(_numbered(measured)) if measured else ()
    room = room_for(measured.size_um) if measured else None
    return Card(
        design=design,
        measured=measured,
        verdict=_verdict(findings, room),
        sides=tuple(_sides(design, findings)),
        findings=findings,
        room=room,
    )


def repair_shown(design: Design) -> RepairShown:
    """What is offered to mend a design, what became of it, or what was mended in it."""
    repair, measured = repair_of(design), design.measured
    other = repair.made if repair else design.repaired_from
    other = other if other and other.is_kept else None
    both = (design, other) if repair else (other, design)
    before, after = ((each.measured if each else None) for each in both)
    codes = [finding.code for finding in measured.findings] if measured else []
    return RepairShown(
        offered=repair is None and is_repairable(codes),
        waits=_waits(repair),
        refusals=tuple(reason["message"] for reason in repair.reasons) if repair else (),
        done=tuple((other if repair and other else design).repairs),
        other=other,
        is_original=repair is None,
        comparison=compared(before, after) if before and after else None,
    )


def _waits(repair: Repair | None) -> bool:
    if repair is None or repair.status == RepairStatus.REFUSED:
        return False
    return repair.made is None or repair.made.status in ("UPLOADED", "MEASURING")


def _numbered(measured: Measurement) -> Iterator[Shown]:
    ordered = sorted(measured.findings, key=lambda finding: WORST_FIRST.index(finding.severity))
    yield from (Shown(number, finding) for number, finding in enumerate(ordered, 1))


def _verdict(findings: tuple[Shown, ...], room: Room | None) -> tuple[str, str]:
    problems, warnings = (
        sum(shown.finding.severity is severity for shown in findings) for severity in WORST_FIRST[:2]
    )
    told = ", ".join(
        f"{count} {name}{'' if count == 1 else 's'}"
        for count, name in ((problems, "problem"), (warnings, "warning"))
        if count
    )
    if problems:
        return "bad", f"It will not come out as drawn: {told}."
    if room and room.tone == "bad":
        return "bad", "It fits no listed printer" + (f", and has {told}." if told else ".")
    if warnings:
        return "open", f"It prints, with {told}."
    return "good", "It prints as it is."


def _sides(design: Design, findings: tuple[Shown, ...]) -> Iterator[Side]:
    url = reverse("design-picture", args=[design.pk])
    drawn = {each.angle: Projection.from_json(each.projection) for each in design.pictures.all()}
    for angle in ANGLES:
        if angle in drawn:
            marks = tuple(_marks(drawn[angle], findings))
            yield Side(angle, ANGLE_WORDS[angle], f"{url}?angle={angle}", marks)
    if not drawn and design.picture:
        yield Side(THUMBNAIL, ANGLE_WORDS[THUMBNAIL], url, ())


def _marks(projection: Projection, findings: tuple[Shown, ...]) -> Iterator[Mark]:
    for shown in findings:
        if place := shown.finding.place:
            box = (round(length, 1) for length in projection.box(place))
            yield Mark(shown.number, shown.tone, *box)
