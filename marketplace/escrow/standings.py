"""Who may take a step of an agreement, in which status, between which times. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from marketplace.escrow.models import Agreement
from marketplace.escrow.rules import NO_STANDBY
from protocol.statuses import AgreementStatus
from protocol.terms import REDEEM_WINDOW
from protocol.units import moment_text, seconds_of


class Side(StrEnum):
    """What somebody is to an agreement."""

    DESIGNER = "designer"
    PROVIDER = "provider"
    ARBITER = "arbiter"
    STANDBY = "standby"


Sides = frozenset[Side]
DESIGNER, PROVIDER, ARBITER = (frozenset({side}) for side in list(Side)[:3])
PARTIES, ANYONE = DESIGNER | PROVIDER, frozenset(Side)
AWARDED, DELIVERED, DISPUTED = (
    frozenset({status})
    for status in (AgreementStatus.AWARDED, AgreementStatus.DELIVERED, AgreementStatus.DISPUTED)
)
OPEN = AWARDED | DELIVERED | DISPUTED
Hindrance = Callable[[Agreement, Sides, datetime], str | None]


def nothing_hinders(row: Agreement, sides: Sides, now: datetime) -> str | None:
    return None


@dataclass(frozen=True)
class Condition:
    """When a step can be taken. `opens` and `closes` name the agreement's deadlines."""

    name: str
    title: str
    who: Sides
    statuses: frozenset[AgreementStatus]
    opens: str = ""
    closes: str = ""
    hindrance: Hindrance = nothing_hinders
    """What else is in the way, in words."""


@dataclass(frozen=True)
class StepStanding:
    """Whether somebody can take a step now; `reason` says why not."""

    step: str
    title: str
    available: bool
    reason: str | None
    opens: datetime | None
    closes: datetime | None


def given_up(row: Agreement, sides: Sides, now: datetime) -> str | None:
    return "The provider gave up." if row.given_up_at else None


def no_standby(row: Agreement, sides: Sides, now: datetime) -> str | None:
    return "No standby is named." if row.standby == NO_STANDBY else None


def no_takeover(row: Agreement, sides: Sides, now: datetime) -> str | None:
    return "Something is paid already: refund instead." if row.paid != "0" else no_standby(row, sides, now)


def standbys_turn_ends(row: Agreement) -> datetime | None:
    """Until when only the designer may refund, so that the standby can take over. None where none can."""
    if row.standby == NO_STANDBY or row.paid != "0":
        return None
    return row.awarded_at + timedelta(seconds=row.bid_terms.make_time + 2 * REDEEM_WINDOW)


def standbys_turn(row: Agreement, sides: Sides, now: datetime) -> str | None:
    over = standbys_turn_ends(row)
    if over is None or Side.DESIGNER in sides or now > over:
        return None
    until = moment_text(seconds_of(over))
    return f"The standby may take over first: until {until} only the designer can do this."


def standing_of(condition: Condition, row: Agreement, sides: Sides, now: datetime) -> StepStanding:
    """Where a step stands for somebody with these sides; `now` is the chain's time as far as it is known."""
    reason = _reason(condition, row, sides, now)
    opens, closes = _times(condition, row)
    return StepStanding(condition.name, condition.title, reason is None, reason, opens, closes)


def _times(condition: Condition, row: Agreement) -> tuple[datetime | None, datetime | None]:
    """Its first and its last second, where it has them."""
    opens, closes = (getattr(row, name) if name else None for name in (condition.opens, condition.closes))
    return opens, closes


def _reason(condition: Condition, row: Agreement, sides: Sides, now: datetime) -> str | None:
    if not condition.who & sides:
        return f"Only {whose(condition)} can do this."
    if row.status not in condition.statuses:
        return f"The agreement is {row.status}: this can be done while it is {_either(condition.statuses)}."
    if hindered := condition.hindrance(row, sides, now):
        return hindered
    opens, closes = _times(condition, row)
    if opens and now < opens:
        return f"This can be done from {moment_text(seconds_of(opens))} on."
    if closes and now > closes:
        return f"This could be done until {moment_text(seconds_of(closes))}."
    return None


def whose(condition: Condition) -> str:
    """Who may take it, in words: `the designer or the provider`."""
    return " or ".join(f"the {side}" for side in Side if side in condition.who)


def _either(statuses: frozenset[AgreementStatus]) -> str:
    return " or ".join(status for status in AgreementStatus if status in statuses)
