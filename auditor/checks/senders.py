"""Did each transaction ask for what happened, from who may ask, and with whose consent?"""

from collections.abc import Iterator
from typing import Any

from auditor.around import key_at
from auditor.calls import Call
from auditor.case import Case
from auditor.checks.base import Findings, need_history
from auditor.checks.history import REDEEM_WINDOW, name_of
from auditor.findings import Finding, differs, text_of
from auditor.logs import Closed, Delivered, Disputed, Paid
from auditor.moving import Step
from auditor.rebuild import History
from auditor.records import Terms
from auditor.signatures import BID, claims_of, holds
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Address

AWARDS = ("award", "awardWithPermit", "awardFor", "awardUnder", "reaward")
CALLED = {
    ("Awarded", "OPEN"): AWARDS,
    ("MandateUsed", "OPEN"): ("awardUnder", "cancel", "refund"),
    ("Delivered", "OPEN"): ("deliver",),
    ("Disputed", "OPEN"): ("dispute",),
    ("GaveUp", "OPEN"): ("giveUp",),
    ("StandbyDropped", "OPEN"): ("dropStandby",),
    ("Paid", "OPEN"): ("release", "redeem"),
    ("Paid", "RELEASED"): ("release",),
    ("Paid", "REDEEMED"): ("redeem",),
    ("Paid", "CLAIMED"): ("claim",),
    ("Closed", "REFUNDED"): ("refund",),
    ("Closed", "REAWARDED"): ("reaward",),
    ("Closed", "CANCELLED"): ("cancel",),
    ("Closed", "RULED"): ("rule",),
    ("Closed", "SETTLED"): ("settle",),
    ("Closed", "EXPIRED"): ("expire",),
}
"""(log, how) -> the functions that emit it."""


def steps_called(case: Case) -> Findings:
    """Each step is what its transaction asked the escrow for, with these very arguments."""
    history = need_history(case)
    for step in history.steps:
        call, functions = step.call, CALLED.get(name_of(step), ())
        if call is None:
            continue
        place = f"transaction {text_of(step.sent.digest)}"
        if call.function not in functions:
            message = f"{call.function} does not leave this log"
            yield Finding("step-call", place, message, " or ".join(functions), call.function)
        elif call.function not in AWARDS:
            yield from _arguments(step, call, history.terms, place)
        elif step.how == "REAWARDED":
            yield from differs("step-call", place, "about another bid", history.terms, call.terms)


def _arguments(step: Step, call: Call, terms: Terms, place: str) -> Findings:
    yield from differs("step-call", place, "about another bid", terms, call.terms)
    for name, right, told in _told(step, call):
        yield from differs("step-call", place, f"the {name} asked for is not the one logged", told, right)
    by_value = (
        call.function == "dispute" and terms.token == ZERO_ADDRESS and not call.arguments["from_ledger"]
    )
    value = terms.dispute_fee if by_value else 0
    yield from differs("step-value", place, "the value sent is not what is due", value, step.sent.value)


def _told(step: Step, call: Call) -> Iterator[tuple[str, Any, Any]]:
    """What log and call both say: its name, the log's and the call's."""
    log, arguments = step.log, call.arguments
    if isinstance(log, Delivered | Disputed):
        yield "head", log.head, arguments["head"]
    elif isinstance(log, Paid) and "cumulative" in arguments:
        yield "payment", log.paid, arguments["cumulative"]
    elif isinstance(log, Closed) and log.how == "RULED":
        yield "payment", log.to_provider, max(0, arguments["cumulative"] - step.before.paid)
        yield "bond", log.bond_back, arguments["bond_back"]
    elif isinstance(log, Closed) and log.how == "SETTLED":
        settlement = arguments["settlement"]
        yield "agreement", log.agreement, settlement.agreement
        yield "split", log.to_provider + log.bond_back, settlement.to_provider
        yield "paid", step.before.paid, settlement.paid
        yield (
            "status",
            ("NONE", "AWARDED", "DELIVERED", "DISPUTED").index(step.before.status),
            settlement.status,
        )


def steps_by_right(case: Case) -> Findings:
    """Each step that only some may take was sent by one of them, where it was sent to the escrow itself."""
    history = need_history(case)
    for step in history.steps:
        if step.sent.to != case.node.escrow:
            continue
        right = _only(case, step, history)
        if right and step.sent.sender not in right:
            message = f"{type(step.log).__name__} was sent by somebody who may not"
            yield Finding("step-sender", step.raw.place, message, " or ".join(right), step.sent.sender)


def _only(case: Case, step: Step, history: History) -> tuple[Address, ...]:
    """Who may take a step; nobody in particular where anyone may."""
    terms = history.terms
    right: tuple[Address, ...] = ()
    designer, provider = terms.designer, terms.provider
    match name_of(step):
        case ("Delivered", _):
            hot = key_at(case, history, step.sent.sender, step.raw)
            right = (provider, hot.key) if hot else (provider,)
        case ("GaveUp", _):
            right = (provider,)
        case ("Disputed" | "StandbyDropped", _) | (_, "RELEASED"):
            right = (designer,)
        case ("Paid", "OPEN") if not (step.call and step.call.function == "redeem"):
            right = (designer,)
        case (_, "CANCELLED" | "SETTLED"):
            right = (designer, provider)
        case (_, "RULED"):
            right = (terms.arbiter,)
        case (_, "REFUNDED") if _is_standbys_turn(step, terms):
            right = (designer,)
    return right


def _is_standbys_turn(step: Step, terms: Terms) -> bool:
    """While a standby has its turn, only the designer may refund."""
    over = step.before.clock + terms.make_time + 2 * REDEEM_WINDOW
    return step.before.standby != ZERO_DIGEST and step.raw.time <= over


def signatures_good(case: Case) -> Findings:
    """What one party did with a signature of the other, the other signed."""
    need_history(case)
    for claim in claims_of(case):
        if claim.what != BID and not holds(case, claim):
            message = f"the {claim.what} is not signed by who must"
            yield Finding(
                f"{claim.what}-signature", claim.place, message, claim.signer, text_of(claim.signature)
            )
