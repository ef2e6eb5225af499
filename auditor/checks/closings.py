"""Does each closing divide the money as it must: by its kind, the signed terms, and nothing else?"""

from collections.abc import Iterator, Mapping

from auditor.case import Case
from auditor.checks.base import Findings, need_history
from auditor.checks.money import fee_between
from auditor.checks.terms import ALL_BPS
from auditor.findings import Finding, differs
from auditor.logs import Closed
from auditor.moving import Step
from auditor.records import Terms

Split = Mapping[str, int]
"""What a closing's log must say, by member."""


def closings_exact(case: Case) -> Findings:
    """What the terms fix of a closing is that; what a person chose was theirs to choose."""
    history = need_history(case)
    for step in history.steps:
        if not isinstance(step.log, Closed) or not step.before.price:
            continue
        right = {**_split(step, step.log, history.terms), **_fee(step, step.log, history.terms)}
        for member, amount in right.items():
            place, found = f"{step.raw.place} {member}", getattr(step.log, member)
            yield from differs("closing-split", place, "not what the terms give", amount, found)
        for member, limit in _limits(step, history.terms):
            place, found = f"{step.raw.place} {member}", getattr(step.log, member)
            if found > limit:
                message = "more than there is to give"
                yield Finding("closing-split", place, message, f"at most {limit} wei", f"{found} wei")


def _split(step: Step, log: Closed, terms: Terms) -> Split:
    before, unpaid = step.before, step.before.price - step.before.paid
    given, back, rest = 0, 0, before.rest(terms)
    match log.how:
        case "REFUNDED":
            back = terms.bond * before.paid // before.price
        case "CANCELLED":
            back = terms.bond
        case "REAWARDED":
            standby = step.handed_to
            rest -= standby.terms.unit_price * standby.units if standby else 0
        case "EXPIRED":
            given, back = unpaid * terms.fallback_bps // ALL_BPS, terms.bond
        case "RULED":
            given, back, rest = log.to_provider, log.bond_back, rest - before.posted
        case "SETTLED":
            back = min(log.to_provider + log.bond_back, terms.bond)
            given = log.to_provider + log.bond_back - back
    return {"to_provider": given, "bond_back": back, "to_designer": rest - given - back}


def _limits(step: Step, terms: Terms) -> Iterator[tuple[str, int]]:
    """What an arbiter, or both parties, may give at most."""
    if step.how in ("RULED", "SETTLED"):
        yield "to_provider", step.before.price - step.before.paid
        yield "bond_back", terms.bond


def _fee(step: Step, log: Closed, terms: Terms) -> Split:
    return {"fee": fee_between(terms, step.before.paid, step.before.paid + log.to_provider)}
