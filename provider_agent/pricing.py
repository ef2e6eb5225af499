"""How a price comes about: every amount is a line, and the lines' sum is the price to the wei (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Any

from protocol.errors import Malformed
from protocol.terms import ALL_BPS
from protocol.units import Address, Wei, ether_text
from provider_agent.config import Policy
from provider_agent.errors import NoPrice

HOUR = 60 * 60
GWEI = 10**9
FULL = 1000
"""A schedule without a free second, in permille."""
WATT_SECONDS_A_KWH = 3_600_000


class Item(StrEnum):
    """What a line is for."""

    MACHINE = "machine"
    MATERIAL = "material"
    ENERGY = "energy"
    SETUP = "set-up"
    MINIMUM = "minimum"
    LOAD = "load"
    DESIGNER = "designer"
    CONFIDENTIAL = "confidential"
    DEADLINE = "deadline"
    FLOOR = "floor"
    CEILING = "ceiling"
    SCRIPT = "script"
    ROUNDING = "rounding"


@dataclass(frozen=True)
class Line:
    """One amount in wei, negative where it takes off, with what it is for in words."""

    item: Item
    what: str
    wei: int


@dataclass(frozen=True)
class Breakdown:
    """The lines of a price for all units."""

    units: int
    lines: tuple[Line, ...]

    @property
    def price(self) -> Wei:
        """Their sum: a whole number of wei for each unit."""
        return Wei(sum(line.wei for line in self.lines))

    @property
    def unit_price(self) -> Wei:
        """Of one unit."""
        return Wei(self.price // self.units)

    def to_json(self) -> dict[str, Any]:
        """Wei as text."""
        lines = [{"item": line.item, "what": line.what, "wei": str(line.wei)} for line in self.lines]
        return {"units": self.units, "price_wei": str(self.price), "lines": lines}

    @classmethod
    def from_json(cls, data: Any) -> Breakdown:
        """Inverse of to_json. Raises Malformed."""
        try:
            lines = tuple(Line(Item(one["item"]), one["what"], int(one["wei"])) for one in data["lines"])
            return cls(data["units"], lines)
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed(f"this is no breakdown: {error}", "breakdown") from error


@dataclass(frozen=True)
class Use:
    """Milligrams of a material and the price of its gram; `spool` where stock is kept."""

    kind: str
    milligrams: int
    gram_wei: Wei
    spool: str = ""


@dataclass(frozen=True)
class Work:
    """What a job takes on one printer: seconds, prints to start, material, and the watts it draws."""

    seconds: int
    prints: int
    uses: tuple[Use, ...]
    watts: int = 0


@dataclass(frozen=True)
class Circumstances:
    """What margins look at. `load`: share of the schedules that is booked, permille. `slack_s`: seconds from
    the moment the printer would be done to the deadline. `confidential`: bidders see measurements alone."""

    designer: Address
    confidential: bool
    load: int
    slack_s: int


def price_of_work(policy: Policy, work: Work, about: Circumstances, units: int) -> Breakdown:
    """The price of `units` units in all. Raises NoPrice where floor and ceiling leave none."""
    lines = [*_costs(policy, work)]
    _raise_to(lines, policy.minimum_wei, Item.MINIMUM, "a job costs at least this, before margins")
    lines += _margins(policy, about, sum(line.wei for line in lines))
    _raise_to(lines, max(1, policy.floor_wei), Item.FLOOR, "no price is below this")
    ceiling, total = policy.ceiling_wei, sum(line.wei for line in lines)
    if ceiling is not None and total > ceiling:
        lines.append(Line(Item.CEILING, f"no price is above {ether_text(ceiling)}", ceiling - total))
    return _rounded(policy, lines, units)


def price_by_script(policy: Policy, before: Breakdown, asked: int) -> Breakdown:
    """The price that the owner's script asks. Raises NoPrice where it is outside floor and ceiling."""
    floor, ceiling = max(1, policy.floor_wei), policy.ceiling_wei
    if asked < floor:
        raise NoPrice(f"The script asks {ether_text(asked)}, below the floor of {ether_text(floor)}.")
    if ceiling is not None and asked > ceiling:
        raise NoPrice(f"The script asks {ether_text(asked)}, above the ceiling of {ether_text(ceiling)}.")
    more = asked - before.price
    lines = [*before.lines, *([Line(Item.SCRIPT, "the owner's script", more)] if more else [])]
    odd = -asked % before.units
    if ceiling is not None and asked + odd > ceiling:
        odd -= before.units
    if asked + odd < floor:
        raise NoPrice(f"{ether_text(asked)} cannot be split over {before.units} units.")
    return replace(before, lines=(*lines, *_line_of_rounding(odd)))


def _costs(policy: Policy, work: Work) -> Iterator[Line]:
    hours = f"{work.seconds / HOUR:.2f} h"
    yield from _line(
        Item.MACHINE,
        f"{hours} at {ether_text(policy.machine_hour_wei)} an hour",
        -(-policy.machine_hour_wei * work.seconds // HOUR),
    )
    yield from _materials(work.uses)
    used = work.watts * work.seconds
    yield from _line(
        Item.ENERGY,
        f"{used / WATT_SECONDS_A_KWH:.3f} kWh at {ether_text(policy.kwh_wei)} a kWh",
        -(-policy.kwh_wei * used // WATT_SECONDS_A_KWH),
    )
    yield from _line(
        Item.SETUP,
        f"{work.prints} print{'s' * (work.prints > 1)} at {ether_text(policy.setup_wei)}",
        policy.setup_wei * work.prints,
    )


def _materials(uses: Sequence[Use]) -> Iterator[Line]:
    """Rounded up to whole wei all together, not one by one."""
    sums = accumulate((use.gram_wei * use.milligrams for use in uses), initial=0)
    for use, (before, after) in zip(uses, pairwise(sums), strict=True):
        spool = f" of spool {use.spool}" if use.spool else ""
        yield from _line(
            Item.MATERIAL,
            f"{use.milligrams / 1000:.1f} g {use.kind}{spool} at {ether_text(use.gram_wei)} a gram",
            -(-after // 1000) + (-before // 1000),
        )


def _margins(policy: Policy, about: Circumstances, base: int) -> Iterator[Line]:
    """Each on the same base, so that their order changes nothing."""
    load = min(max(about.load, 0), FULL)
    yield from _margin(
        Item.LOAD, f"the schedules are booked to {load / 10:g} %", base, policy.load_bps * load, FULL
    )
    yield from _margin(
        Item.DESIGNER, f"for {about.designer}", base, policy.designer_bps.get(about.designer, 0)
    )
    if about.confidential:
        yield from _margin(Item.CONFIDENTIAL, "bidders see measurements alone", base, policy.confidential_bps)
    near = policy.deadline_near_s
    close = min(max(near - about.slack_s, 0), near)
    left = f"done {max(about.slack_s, 0) / HOUR:.1f} h before the deadline"
    yield from _margin(Item.DEADLINE, left, base, policy.deadline_bps * close, near)


def _margin(item: Item, why: str, base: int, bps: int, of: int = 1) -> Iterator[Line]:
    share = bps / of / 100
    yield from _line(item, f"{share:+.4g} %: {why}", -(-base * bps // (ALL_BPS * of)))


def _line(item: Item, what: str, wei: int) -> Iterator[Line]:
    if wei:
        yield Line(item, what, wei)


def _raise_to(lines: list[Line], least: int, item: Item, why: str) -> None:
    lacks = least - sum(line.wei for line in lines)
    if lacks > 0:
        lines.append(Line(item, f"{why}: {ether_text(least)}", lacks))


def _rounded(policy: Policy, lines: list[Line], units: int) -> Breakdown:
    """Up to whole gwei a unit, as nobody reads an amount to its last wei; down where the ceiling says so."""
    total, floor, ceiling = sum(line.wei for line in lines), max(1, policy.floor_wei), policy.ceiling_wei
    unit = -(-total // (units * GWEI)) * GWEI
    if ceiling is not None and unit * units > ceiling:
        unit = ceiling // units
        if unit * units < floor:
            limits = f"{ether_text(floor)} to {ether_text(ceiling)}"
            raise NoPrice(f"No price of {units} units is within the limits of {limits}.")
    return Breakdown(units, (*lines, *_line_of_rounding(unit * units - total)))


def _line_of_rounding(wei: int) -> Iterator[Line]:
    yield from _line(Item.ROUNDING, "to a price that all units share", wei)
