"""What happened when, on chain and by the parties' evidence, in one order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.case import Case
from auditor.findings import text_of
from auditor.logs import Awarded, Delivered, Disputed, GaveUp, MandateUsed, Paid, StandbyDropped
from auditor.moving import Step
from auditor.rebuild import History
from auditor.records import SignedRecord, Terms
from protocol.units import ZERO_ADDRESS, ether_text

SHIPPED = "shipped"
TOLD_CHARS = 64


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `time` in epoch seconds; `who` a role; `source` where it is written."""

    time: int
    who: str
    what: str
    source: str


def timeline_of(case: Case) -> list[Entry]:
    """By time; within a second the award, the provider's records, other logs, the designer's records."""
    happened = list(_happened(case.history)) if case.history else []
    awarded = case.history.steps.index(case.history.award) + 1 if case.history else 0
    provider = _recorded("provider", case.bundle.provider_log or ())
    designer = _recorded("designer", case.bundle.designer_log or ())
    entries = [*happened[:awarded], *provider, *happened[awarded:], *designer]
    return sorted(entries, key=lambda entry: entry.time)


def amount_text(terms: Terms, amount: int) -> str:
    """An amount for people: ether, or units of the token."""
    return ether_text(amount) if terms.token == ZERO_ADDRESS else f"{amount} of {terms.token}"


def role_of(terms: Terms, party: str) -> str:
    """A party's role by its address; the address where it has none."""
    roles = {
        terms.fee_to: "fee receiver",
        terms.arbiter: "arbiter",
        terms.provider: "provider",
        terms.designer: "designer",
    }
    return next((role for address, role in reversed(roles.items()) if address == party), party)


def _recorded(role: str, records: Iterable[SignedRecord]) -> Iterator[Entry]:
    for entry in records:
        record = entry.record
        what = record.kind + _told(entry)
        yield Entry(record.observed_at, role, what, f"evidence record {record.seq}")


def _told(entry: SignedRecord) -> str:
    """Of a parcel, who carries it and its number there; others' text, without what could paint a terminal."""
    if entry.record.kind != SHIPPED:
        return ""
    told = (entry.payload.get(name) for name in ("carrier", "tracking"))
    shown = (
        "".join(sign for sign in one if sign.isprintable())[:TOLD_CHARS]
        for one in told
        if isinstance(one, str)
    )
    text = ", ".join(filter(None, shown))
    return f": {text}" if text else ""


def _happened(history: History) -> Iterator[Entry]:
    for step in history.steps:
        who = role_of(history.terms, step.sent.sender)
        yield Entry(step.raw.time, who, _what(step, history.terms), f"{step.raw.place}")


def _what(step: Step, terms: Terms) -> str:
    text = f"closed: {step.how}"
    match step.log:
        case Awarded():
            text = f"awarded {step.log.units} unit(s) for {amount_text(terms, step.after.price)}"
        case Delivered():
            text = f"delivered, evidence head {text_of(step.log.head)[:10]}.."
        case Disputed():
            text = f"disputed, evidence head {text_of(step.log.head)[:10]}.."
        case Paid():
            amount = amount_text(terms, step.log.paid - step.before.paid)
            text = f"paid {amount}" + ("" if step.how == "OPEN" else f": {step.how}, agreement closed")
        case MandateUsed():
            text = f"{step.log.used} unit(s) of mandate {text_of(step.log.mandate)[:10]}.. used by now"
        case GaveUp():
            text = "gave up"
        case StandbyDropped():
            text = "dropped the standby"
    return text
