"""Was every step allowed, and at its time?"""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.case import Case
from auditor.checks.base import Findings, need_history
from auditor.findings import Finding
from auditor.logs import Awarded, Delivered, GaveUp, MandateUsed, StandbyDropped
from auditor.moving import Step
from auditor.records import Terms
from protocol.units import ZERO_DIGEST

REDEEM_WINDOW = 12 * 60 * 60
OPEN = ("AWARDED", "DELIVERED", "DISPUTED")

ALLOWED = {
    ("MandateUsed", "OPEN"): ("NONE", "AWARDED"),
    ("Awarded", "OPEN"): ("NONE",),
    ("Delivered", "OPEN"): ("AWARDED",),
    ("Disputed", "OPEN"): ("DELIVERED",),
    ("GaveUp", "OPEN"): ("AWARDED",),
    ("StandbyDropped", "OPEN"): ("AWARDED",),
    ("Paid", "OPEN"): OPEN,
    ("Paid", "RELEASED"): OPEN,
    ("Paid", "REDEEMED"): OPEN,
    ("Paid", "CLAIMED"): ("DELIVERED",),
    ("Closed", "REFUNDED"): ("AWARDED",),
    ("Closed", "REAWARDED"): ("AWARDED",),
    ("Closed", "CANCELLED"): ("AWARDED",),
    ("Closed", "RULED"): ("DISPUTED",),
    ("Closed", "SETTLED"): OPEN,
    ("Closed", "EXPIRED"): ("DISPUTED",),
}
"""(log, how) -> the statuses in which the contract can emit it; anything else is a finding."""


@dataclass(frozen=True)
class Window:
    """The last second of a step (`until`), or the last second before it (`after`)."""

    message: str
    until: int | None = None
    after: int | None = None


def name_of(step: Step) -> tuple[str, str]:
    """A step's kind: its log and how that closed the agreement."""
    return type(step.log).__name__, step.how


def steps_legal(case: Case) -> Findings:
    """Each log may follow the standing before it."""
    for step in need_history(case).steps:
        name, how = name_of(step)
        statuses = ALLOWED.get((name, how))
        if statuses is None:
            message = f"{name} as {how} is nothing that this escrow does"
            yield Finding("status-illegal", step.raw.place, message)
        elif step.before.status not in statuses:
            message = f"{name} ({how}) cannot follow {step.before.status}"
            yield Finding(
                "status-illegal", step.raw.place, message, " or ".join(statuses), step.before.status
            )
        else:
            for message in _illegal(step):
                yield Finding("status-illegal", step.raw.place, message)


def _illegal(step: Step) -> Iterator[str]:
    """What speaks against a step that its status allows."""
    before = step.before
    if before.given_up and isinstance(step.log, Delivered | GaveUp):
        yield f"{type(step.log).__name__} cannot follow a give-up"
    if isinstance(step.log, StandbyDropped) and before.standby == ZERO_DIGEST:
        yield "a standby was dropped that was not named"
    if isinstance(step.log, MandateUsed) and before.status == "AWARDED" and not before.to_ledger:
        yield "units came back to a mandate that they did not come from"
    if isinstance(step.log, Awarded) and before.to_ledger and step.log.standby != ZERO_DIGEST:
        yield "awarded under a mandate, yet with a standby"
    if step.how == "REAWARDED" and before.standby == ZERO_DIGEST:
        yield "a standby took over that was not named"
    if step.how == "REAWARDED" and before.paid:
        yield f"a standby took over what was paid already: {before.paid} wei"


def steps_in_time(case: Case) -> Findings:
    """Each step lies within the times the provider signed; a deadline's own second is the earlier side's."""
    history = need_history(case)
    for step in history.steps:
        window = _window(step, history.terms)
        if window and window.until is not None and step.raw.time > window.until:
            found = str(step.raw.time)
            yield Finding("time-late", step.raw.place, window.message, f"until {window.until}", found)
        if window and window.after is not None and step.raw.time <= window.after:
            found = str(step.raw.time)
            yield Finding("time-early", step.raw.place, window.message, f"after {window.after}", found)


UNTIL = {
    "Delivered": ("delivered after the make time", "make_time"),
    "Disputed": ("disputed after the review time", "review_time"),
    "CANCELLED": ("cancelled after the grace time", "grace_time"),
    "RULED": ("ruled after the arbiter's time", "arbiter_time"),
}
AFTER = {
    "CLAIMED": ("claimed within the review time", "review_time", 0),
    "EXPIRED": ("expired within the arbiter's time", "arbiter_time", 0),
    "REFUNDED": ("refunded before make time and redeem window were over", "make_time", REDEEM_WINDOW),
    "REAWARDED": ("taken over before make time and redeem window were over", "make_time", REDEEM_WINDOW),
}
"""The step, by its log or by how it closed -> what is wrong, and the signed time (and more) that decides."""


def _window(step: Step, terms: Terms) -> Window | None:
    start, (name, how) = step.before.clock, name_of(step)
    kind = name if how == "OPEN" else how
    if kind in UNTIL:
        message, term = UNTIL[kind]
        return Window(message, until=start + getattr(terms, term))
    if kind in AFTER and not (step.before.given_up and step.before.status == "AWARDED"):
        message, term, more = AFTER[kind]
        return Window(message, after=start + getattr(terms, term) + more)
    if kind == "SETTLED" and step.call and "settlement" in step.call.arguments:
        deadline = step.call.arguments["settlement"].deadline
        return Window("settled after its signature's deadline", until=deadline)
    return None
