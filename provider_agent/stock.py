"""Material on spools: whether there is enough for a job, and off which spools it comes (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.capability import ANY_COLOUR, Capability, Material
from protocol.jobspec import JobSpec, Part
from protocol.units import Wei
from provider_agent.config import Policy
from provider_agent.errors import NoStock
from provider_agent.estimating import milligrams_of
from provider_agent.pricing import Use


@dataclass(frozen=True)
class Spool:
    """A spool that is not empty. Milligrams; `held_mg` is promised to bids and agreements. `gram_wei` is None
    where the policy's price holds, `printer` empty on the shelf."""

    id: str
    material: str
    colour: str
    lot: str
    left_mg: int
    held_mg: int
    gram_wei: Wei | None
    printer: str

    @property
    def free_mg(self) -> int:
        """What may still be promised."""
        return max(0, self.left_mg - self.held_mg)

    def suits(self, material: str, colour: str) -> bool:
        """Whether a part of this filament may be printed off it."""
        return self.material == material and colour in (ANY_COLOUR, self.colour)


def spools_at(spools: Sequence[Spool], serial: str) -> list[Spool]:
    """Those a printer may print off: its own first, then those on the shelf, the emptiest first."""
    near = [spool for spool in spools if spool.printer in ("", serial)]
    return sorted(near, key=lambda spool: (not spool.printer, spool.free_mg, spool.id))


def allot(spec: JobSpec, spools: Sequence[Spool], policy: Policy) -> tuple[Use, ...]:
    """What each spool gives to a job; no copy is split over two. Raises NoStock naming what is short.

    Parts that need a colour come before those that take any.
    """
    free = {spool.id: spool.free_mg for spool in spools}
    given: dict[str, int] = {}
    for part in sorted(spec.parts, key=lambda part: part.colour == ANY_COLOUR):
        _allot_part(part, part.copies * spec.quantity, spools, free, given)
    return tuple(
        Use(spool.material, given[spool.id], _price(spool, policy), spool.id)
        for spool in spools
        if spool.id in given
    )


def capability_in_stock(able: Capability, spools: Sequence[Spool]) -> Capability | None:
    """A printer with the materials it can do in the colours on spools; None where there are none of them."""
    stocked = []
    for material in able.materials:
        suiting = {spool.colour for spool in spools if spool.material == material.kind and spool.free_mg}
        if suiting:
            stocked.append(Material(material.kind, tuple(sorted(suiting))))
    if not stocked:
        return None
    return Capability(
        able.technology, able.bed_um, tuple(stocked), able.nozzle_um, able.min_layer_um, able.max_layer_um
    )


def _allot_part(
    part: Part, copies: int, spools: Sequence[Spool], free: dict[str, int], given: dict[str, int]
) -> None:
    each, wanted = milligrams_of(part), copies
    suiting = [spool for spool in spools if spool.suits(part.material, part.colour)]
    there = sum(free[spool.id] for spool in suiting)
    for spool in suiting:
        taken = min(wanted, free[spool.id] // each)
        if taken:
            free[spool.id] -= taken * each
            given[spool.id] = given.get(spool.id, 0) + taken * each
            wanted -= taken
    if wanted:
        raise NoStock(
            f"{copies} copies of {part.name} take {copies * each / 1000:.1f} g {part.filament},"
            f" on spools there are {there / 1000:.1f} g free: enough for {copies - wanted} of them."
        )


def _price(spool: Spool, policy: Policy) -> Wei:
    return policy.gram_price(spool.material) if spool.gram_wei is None else spool.gram_wei
