"""Was every step allowed, at its time, to its sender?"""

from auditor.case import Case
from auditor.checks.base import Findings, need_history
from auditor.findings import Finding
from auditor.logs import Awarded, Closed, Delivered, Paid
from auditor.rebuild import History, Step
from protocol.units import ZERO_DIGEST, Address

REDEEM_WINDOW = 12 * 60 * 60

ALLOWED = {
    ("Awarded", "OPEN"): ("NONE",),
    ("Delivered", "OPEN"): ("AWARDED",),
    ("Paid", "OPEN"): ("AWARDED", "DELIVERED"),
    ("Paid", "RELEASED"): ("AWARDED", "DELIVERED"),
    ("Paid", "CLAIMED"): ("DELIVERED",),
    ("Closed", "REFUNDED"): ("AWARDED",),
}
"""(log, how) -> the statuses in which the contract can emit it; anything else is a finding."""


def steps_legal(case: Case) -> Findings:
    """Each log may follow the status before it."""
    for step in need_history(case).steps:
        name, how = type(step.log).__name__, getattr(step.log, "how", "OPEN")
        statuses = ALLOWED.get((name, how))
        if statuses is None:
            message = f"{name} as {how} is nothing that this escrow does"
            yield Finding("status-illegal", step.raw.place, message)
        elif step.before.status not in statuses:
            message = f"{name} ({how}) cannot follow {step.before.status}"
            yield Finding(
                "status-illegal", step.raw.place, message, " or ".join(statuses), step.before.status
            )


def steps_in_time(case: Case) -> Findings:
    """Each step lies within the times the provider signed; a deadline's own second is the earlier side's."""
    history = need_history(case)
    terms = history.terms
    for step in history.steps:
        start = step.before.clock
        if isinstance(step.log, Delivered):
            yield from _until(step, start + terms.make_time, "delivered after the make time")
        elif isinstance(step.log, Paid) and step.log.how == "CLAIMED":
            yield from _after(step, start + terms.review_time, "claimed within the review time")
        elif isinstance(step.log, Closed) and step.log.how == "REFUNDED":
            limit = start + terms.make_time + REDEEM_WINDOW
            yield from _after(step, limit, "refunded before the make time and the redeem window were over")


def steps_by_right(case: Case) -> Findings:
    """Each step that only one party may take was sent by it, where it was sent to the escrow itself."""
    history = need_history(case)
    for step in history.steps:
        right = _only(step, history)
        if right and step.sent.to == case.node.escrow and step.sent.sender != right:
            message = f"{type(step.log).__name__} was sent by somebody who may not"
            yield Finding("step-sender", step.raw.place, message, right, step.sent.sender)


def _only(step: Step, history: History) -> Address | None:
    terms, log = history.terms, step.log
    if isinstance(log, Awarded) or (isinstance(log, Paid) and log.how in ("OPEN", "RELEASED")):
        return terms.designer
    if isinstance(log, Delivered):
        return terms.provider
    return _only_refunder(step, history) if isinstance(log, Closed) else None


def _only_refunder(step: Step, history: History) -> Address | None:
    """While a standby has its turn, only the designer may refund."""
    standby = history.award.log.standby if isinstance(history.award.log, Awarded) else ZERO_DIGEST
    turn_over = step.before.clock + history.terms.make_time + 2 * REDEEM_WINDOW
    return history.terms.designer if standby != ZERO_DIGEST and step.raw.time <= turn_over else None


def _until(step: Step, limit: int, message: str) -> Findings:
    if step.raw.time > limit:
        yield Finding("time-late", step.raw.place, message, f"until {limit}", str(step.raw.time))


def _after(step: Step, limit: int, message: str) -> Findings:
    if step.raw.time <= limit:
        yield Finding("time-early", step.raw.place, message, f"after {limit}", str(step.raw.time))
