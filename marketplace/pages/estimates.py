"""What a job's form would cost, part by part, while it is being written."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.designs.mesh.estimate import Estimate, Settings, Wanted, estimate
from marketplace.designs.rules import QUANTITY_LIMIT
from marketplace.pages.part_forms import PartForm


@dataclass(frozen=True)
class PartEstimate:
    """One part, all copies in all sets; none found while it is measured or its card lacks something."""

    name: str
    copies: int
    found: Estimate | None


@dataclass(frozen=True)
class JobEstimate:
    """Of each part, and of those together that have an estimate."""

    parts: list[PartEstimate]
    total: Estimate

    @property
    def complete(self) -> bool:
        return all(part.found for part in self.parts)


def estimate_of(parts: Sequence[PartForm], quantity: str) -> JobEstimate | None:
    """The estimate of a form; None where nothing can be said yet."""
    if not quantity.isdecimal() or not 1 <= int(quantity) <= QUANTITY_LIMIT:
        return None
    sets = int(quantity)
    wanted = [_wanted(part) for part in parts]
    known = [each for each in wanted if each]
    if not known:
        return None
    each = [
        PartEstimate(
            part.design.name, one.copies * sets if one else 0, estimate([one], sets) if one else None
        )
        for part, one in zip(parts, wanted, strict=True)
    ]
    return JobEstimate(each, estimate(known, sets))


def _wanted(part: PartForm) -> Wanted | None:
    model = part.design.measured
    if model is None or not part.is_valid():
        return None
    asked = part.asked()
    return Wanted(model, asked.copies, Settings(asked.material, asked.layer_um, asked.infill_percent))
