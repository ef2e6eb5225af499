"""Did every wei go where the signed terms send it?"""

from collections import Counter

from auditor.case import Case
from auditor.checks.base import Findings, need_history
from auditor.checks.terms import ALL_BPS
from auditor.findings import Finding, differs
from auditor.logs import Paid
from auditor.moving import ESCROW, FEE, FREE, Step
from auditor.records import Terms


def money_conserved(case: Case) -> Findings:
    """What came in is what went out and what is left."""
    history = need_history(case)
    came = sum(movement.amount for movement in history.movements if movement.target == ESCROW)
    went = sum(movement.amount for movement in history.movements if movement.source == ESCROW)
    left = history.standing.held(history.terms)
    if came != went + left:
        message = "in is not out and rest"
        yield Finding("money-lost", "all logs", message, f"{came} wei in", f"{went} wei out, {left} wei left")


def payments_exact(case: Case) -> Findings:
    """Payments rise to at most the price, close exactly there, and carry the signed fee."""
    history = need_history(case)
    for step in history.steps:
        if not isinstance(step.log, Paid):
            continue
        paid, price, place = step.log.paid, step.before.price, step.raw.place
        if not step.before.paid < paid <= price:
            wanted = f"above {step.before.paid} and at most {price} wei"
            yield Finding("payment-range", place, "the payment is out of range", wanted, f"{paid} wei")
        if (step.log.how != "OPEN") != (paid == price):
            message = "a payment closes an agreement where it reaches the price, and only there"
            yield Finding("payment-closing", place, message, f"{price} wei", f"{paid} wei, {step.log.how}")
        fee = fee_between(history.terms, step.before.paid, paid)
        yield from differs("fee", place, "not the signed fee on this payment", fee, step.log.fee)


def credits_explained(case: Case) -> Findings:
    """What became free balance is what must (bond, ledger payments) or may (a refused push)."""
    history = need_history(case)
    for step in history.steps:
        right = _credited(step)
        for owner in sorted(set(right) | set(step.credited)):
            found, message = step.credited[owner], f"the free balance of {owner} grew by another amount"
            yield from differs("credit", step.raw.place, message, right[owner], found)
        for credit in step.credits:
            message = "credited in another token"
            yield from differs("credit-token", step.raw.place, message, history.terms.token, credit.token)


def _credited(step: Step) -> Counter[str]:
    """What the logs must say became free; a fee has no log of its own."""
    total: Counter[str] = Counter()
    for movement in step.movements:
        if (movement.source, movement.way) == (ESCROW, FREE) and movement.why != FEE:
            total[movement.target] += movement.amount
    return total


def fee_between(terms: Terms, before: int, paid: int) -> int:
    """The signed fee on what a payment adds: computed on what is cumulative, rounded down."""
    return paid * terms.fee_bps // ALL_BPS - before * terms.fee_bps // ALL_BPS
