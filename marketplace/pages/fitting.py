"""Which listed printers have room for a model, and what to do where none has."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from django.db.models import Count, Min

from marketplace.matching.selectors import matches_for
from marketplace.providers.selectors import printers_current
from protocol.capability import SizeUm, box_text, fits
from protocol.jobspec import Need

REASONS = 3
"""Told of at most where nobody can."""


@dataclass(frozen=True)
class Bed:
    """Printers with the same room: how many, and the name of one."""

    size_um: SizeUm
    printers: int
    serial: str


@dataclass(frozen=True)
class Room:
    """How many of the listed printers have room for a model as it lies, and laid on whichever side."""

    listed: int
    lying: int
    turned: int
    closest: Bed | None
    percent: int
    """To which the model would have to be scaled to fit the closest."""

    @property
    def tone(self) -> str:
        if self.lying or not self.listed:
            return "calm"
        return "open" if self.turned else "bad"

    @property
    def message(self) -> str:
        if not self.listed:
            return "No printer is listed yet."
        if self.lying:
            more = self.turned - self.lying
            rest = f", {more:,} more if it is laid on another side" if more else ""
            return f"Fits {self.lying:,} of {self.listed:,} listed printers as it lies{rest}."
        if self.turned:
            return (
                f"As it lies it fits no listed printer, on another side {self.turned:,} of {self.listed:,}."
            )
        room = box_text(self.closest.size_um) if self.closest else "none"
        name = self.closest.serial if self.closest else ""
        return f"It fits no listed printer. The closest, {name}, has room for {room}."

    @property
    def advice(self) -> str:
        if self.tone == "open":
            return "Turn it and upload it again: as it lies no listed printer may bid on it."
        if self.tone == "bad":
            return f"Split it into parts, or scale it to {self.percent} %."
        return ""


def room_for(size_um: SizeUm) -> Room:
    """Room on the printers listed now; one query, whatever their number."""
    return room_among(_beds(), size_um)


def room_among(beds: list[Bed], size_um: SizeUm) -> Room:
    """Room on these beds. Pure."""
    ways = [(size_um[a], size_um[b], size_um[c]) for a, b, c in permutations(range(3))]
    closest = max(beds, key=lambda bed: _scale(bed.size_um, ways), default=None)
    share = _scale(closest.size_um, ways) if closest else 0.0
    return Room(
        listed=sum(bed.printers for bed in beds),
        lying=sum(bed.printers for bed in beds if fits(bed.size_um, size_um)),
        turned=sum(bed.printers for bed in beds if any(fits(bed.size_um, way) for way in ways)),
        closest=closest,
        percent=max(1, int(share * 100)),
    )


def _scale(bed: SizeUm, ways: list[SizeUm]) -> float:
    """The largest scale at which the model stands on a bed, on whichever side."""
    return max(min(room / max(side, 1) for room, side in zip(bed, way, strict=True)) for way in ways)


def _beds() -> list[Bed]:
    sides = ("bed_x_um", "bed_y_um", "bed_z_um")
    grouped = printers_current().order_by().values(*sides).annotate(count=Count("pk"), name=Min("serial"))
    return [Bed((row[sides[0]], row[sides[1]], row[sides[2]]), row["count"], row["name"]) for row in grouped]


@dataclass(frozen=True)
class Makers:
    """Who could make a job: in one sentence, and if nobody could, the first reasons why."""

    message: str
    able: int
    reasons: tuple[str, ...] = ()


def makers_of(needs: Sequence[Need]) -> Makers:
    """How many listed printers have room, materials and layers for all that is needed."""
    found = matches_for(needs)
    able, listed = len(found.feasible), len(found.feasible) + found.infeasible_count
    if able:
        return Makers(
            f"On {able:,} of {listed:,} listed printers, by size, material, colour and layer height.", able
        )
    reasons = dict.fromkeys(reason for match in found.infeasible for reason in match.reasons)
    return Makers(
        "No listed printer can make it so." if listed else "No printer is listed yet.",
        0,
        tuple(reasons)[:REASONS],
    )
