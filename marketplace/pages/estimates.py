"""What a job's form would cost, part by part, while it is being written."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.designs.mesh.estimate import Estimate, Settings, Wanted, estimate, what_if
from marketplace.designs.models import Design
from marketplace.designs.rules import QUANTITY_LIMIT, USUAL_INFILL_PERCENT, USUAL_LAYER_UM
from marketplace.designs.selectors import is_being_sliced, wanted_of
from marketplace.pages.part_forms import PartForm
from protocol.capability import Requirement
from protocol.jobspec import Need


@dataclass(frozen=True)
class PartEstimate:
    """One part, all copies in all sets; none found while it is measured or its card lacks something."""

    name: str
    copies: int
    found: Estimate | None


@dataclass(frozen=True)
class JobEstimate:
    """Of each part, and of those together that have an estimate; `needs` is what these need of a printer, and
    `slicing` whether the estimate will change by itself."""

    parts: list[PartEstimate]
    total: Estimate
    needs: list[Need]
    slicing: bool

    @property
    def complete(self) -> bool:
        return all(part.found for part in self.parts)


def estimate_of(parts: Sequence[PartForm], quantity: str) -> JobEstimate | None:
    """The estimate of a form; None where nothing can be said yet."""
    if not quantity.isdecimal() or not 1 <= int(quantity) <= QUANTITY_LIMIT:
        return None
    sets = int(quantity)
    each = [(part, _wanted(part)) for part in parts]
    known = [(part, wanted) for part, wanted in each if wanted]
    if not known:
        return None
    return JobEstimate(
        parts=[_estimate(part.design, wanted, sets) for part, wanted in each],
        total=estimate([wanted for _, wanted in known], sets),
        needs=[_need(part, wanted) for part, wanted in known],
        slicing=any(is_being_sliced(part.design) for part, _ in known),
    )


def table_of(design: Design) -> list[tuple[str, list[tuple[str, Estimate]]]] | None:
    """What one costs in each material and quality, at the usual infill; None before it is measured."""
    if design.measured is None:
        return None
    return what_if(wanted_of(design, Settings("PLA", USUAL_LAYER_UM, USUAL_INFILL_PERCENT)))


def _wanted(part: PartForm) -> Wanted | None:
    if part.design.measured is None or not part.is_valid():
        return None
    asked = part.asked()
    how = Settings(asked.material, asked.layer_um, asked.infill_percent)
    return wanted_of(part.design, how, asked.copies)


def _estimate(design: Design, wanted: Wanted | None, sets: int) -> PartEstimate:
    if wanted is None:
        return PartEstimate(design.name, 0, None)
    return PartEstimate(design.name, wanted.copies * sets, estimate([wanted], sets))


def _need(part: PartForm, wanted: Wanted) -> Need:
    asked, size_um = part.asked(), wanted.model.size_um
    return Need(part.design.name, Requirement(size_um, asked.material, asked.colour, asked.layer_um))
