"""What happened when, on chain and by the parties' evidence, in one order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.case import Case
from auditor.findings import text_of
from auditor.logs import Awarded, Delivered, Paid
from auditor.rebuild import History, Step
from auditor.records import SignedRecord, Terms
from protocol.units import ZERO_ADDRESS, ether_text


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
    provider = _recorded("provider", case.bundle.provider_log or ())
    designer = _recorded("designer", case.bundle.designer_log or ())
    return sorted([*happened[:1], *provider, *happened[1:], *designer], key=lambda entry: entry.time)


def amount_text(terms: Terms, amount: int) -> str:
    """An amount for people: ether, or units of the token."""
    return ether_text(amount) if terms.token == ZERO_ADDRESS else f"{amount} of {terms.token}"


def role_of(terms: Terms, party: str) -> str:
    """A party's role by its address; the address where it has none."""
    roles = {terms.fee_to: "fee receiver", terms.provider: "provider", terms.designer: "designer"}
    return next((role for address, role in reversed(roles.items()) if address == party), party)


def _recorded(role: str, records: Iterable[SignedRecord]) -> Iterator[Entry]:
    for entry in records:
        record = entry.record
        yield Entry(record.observed_at, role, record.kind, f"evidence record {record.seq}")


def _happened(history: History) -> Iterator[Entry]:
    for step in history.steps:
        who = role_of(history.terms, step.sent.sender)
        yield Entry(step.raw.time, who, _what(step, history.terms), f"{step.raw.place}")


def _what(step: Step, terms: Terms) -> str:
    log = step.log
    if isinstance(log, Awarded):
        return f"awarded {log.units} unit(s) for {amount_text(terms, step.after.price)}"
    if isinstance(log, Delivered):
        return f"delivered, evidence head {text_of(log.head)[:10]}.."
    if isinstance(log, Paid):
        amount = amount_text(terms, log.paid - step.before.paid)
        return f"paid {amount}" + ("" if log.how == "OPEN" else f": {log.how}, agreement closed")
    return f"closed: {log.how}"
