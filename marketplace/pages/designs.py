"""What a design's card shows: pictures with marks, findings, units, room on printers, a repair."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from marketplace.designs.colours import colour_name
from marketplace.designs.mesh.angles import ANGLES, THUMBNAIL, Projection
from marketplace.designs.mesh.findings import Finding, Severity
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.models import Design, Repair
from marketplace.designs.rules import RepairStatus, is_repairable
from marketplace.designs.selectors import repair_of, whole_of
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
# Where the unit is asked for above all, these say the same again.
ASKED_FIRST: Final = frozenset({"unit-guess", "very-small"})
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
    def guess(self) -> tuple[str, str, str] | None:
        """A likelier unit, its words, and why."""
        guess = (self.design.source or {}).get("unit_guess")
        return (guess["unit"], Unit(guess["unit"]).words, guess["reason"]) if guess else None

    @property
    def things(self) -> list[str]:
        """What a 3MF holds that could be parts, in words: `lid`, `4 × foot`. Empty for what is parted."""
        found = [] if self.design.apart else (self.design.source or {}).get("things", [])
        return [
            f"{each['copies']} × {each['name']}" if each["copies"] > 1 else each["name"] for each in found
        ]

    @property
    def pieces(self) -> int:
        """How many there are of all of these together."""
        return sum(each["copies"] for each in (self.design.source or {}).get("things", []))

    @property
    def whole(self) -> Design | None:
        """The design that prints what this is a part of as one."""
        return whole_of(self.design)

    @property
    def colour(self) -> str:
        """The name of the colour that the file gives it."""
        return colour_name(self.design.colour)

    @property
    def unit_before(self) -> tuple[str, str] | None:
        """The file's own unit and its words, where the designer named another one."""
        own = (self.design.source or {}).get("unit", "")
        return (own, Unit(own).words) if own and self.read_in and own != self.read_in else None

    @property
    def units(self) -> list[tuple[str, str]]:
        return units_all()

    @property
    def down(self) -> str:
        """The direction of a better way up, for the viewer; empty where there is none."""
        turning = self.measured.turning if self.measured else None
        return " ".join(map(str, turning.down)) if turning else ""


def units_all() -> list[tuple[str, str]]:
    """Every unit a file may be read in, and its words."""
    return [(unit.value, unit.words) for unit in Unit]


def card_of(design: Design) -> Card:
    """A design's card."""
    measured = design.measured
    doubted = bool((design.source or {}).get("unit_guess"))
    findings = tuple(_numbered(measured, ASKED_FIRST if doubted else frozenset())) if measured else ()
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
        offered=repair is None and is_repairable(codes, measured.bodies if measured else 0),
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


def _numbered(measured: Measurement, left_out: frozenset[str]) -> Iterator[Shown]:
    told = [finding for finding in measured.findings if finding.code not in left_out]
    ordered = sorted(told, key=lambda finding: WORST_FIRST.index(finding.severity))
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
    if room and room.tone == "open":
        return "open", "It fits a listed printer only when it is turned" + (
            f", and has {told}." if told else "."
        )
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
