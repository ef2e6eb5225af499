"""Did the dispatcher keep within what the designer signed?"""

from collections.abc import Iterator, Sequence

from auditor.around import mandate_at
from auditor.case import Case
from auditor.checks.base import Findings, need_history
from auditor.findings import Finding, differs, text_of
from auditor.ids import mandate_digest, printers_root
from auditor.logs import MandateUsed
from auditor.moving import Step
from auditor.rebuild import History
from auditor.records import Mandate, Terms
from protocol.units import ZERO_DIGEST, Digest


def within_mandate(case: Case) -> Findings:
    """Terms, printer and units are within the mandate, which was alive; units came back as they must."""
    history = need_history(case)
    used = [step for step in history.steps if isinstance(step.log, MandateUsed)]
    call = history.award.call
    if call and call.function == "awardUnder":
        yield from _limits(case, history, call.arguments["mandate"], call.arguments["proof"])
        if not used:
            yield Finding("mandate-unused", history.award.raw.place, "no log says that its units were spent")
    for step in used:
        yield from _units(case, history, step)
    yield from _returned(history, len(used))


def _limits(case: Case, history: History, mandate: Mandate, proof: Sequence[Digest]) -> Findings:
    place, time = f"transaction {text_of(history.award.sent.digest)} mandate", history.award.raw.time
    digest = mandate_digest(mandate, case.node.chain_id, case.node.escrow)
    yield from differs("mandate-digest", place, "not the mandate that was used", digest, history.mandate)
    if time > mandate.valid_until:
        message = "awarded after the mandate had expired"
        yield Finding("mandate-late", place, message, f"until {mandate.valid_until}", str(time))
    for name, limit, found, fits in _terms(mandate, history.terms):
        if not fits:
            message = "the bid is outside the mandate"
            yield Finding("mandate-limit", f"{place} {name}", message, text_of(limit), text_of(found))
    if mandate.printers != ZERO_DIGEST:
        root = printers_root(history.terms.printer, proof)
        message = "the printer is none that the mandate accepts"
        yield from differs("mandate-printer", f"{place} printers", message, mandate.printers, root)
    used, _ = mandate_at(case, digest, history.steps[0].raw)
    if used + history.units > mandate.units:
        message, found_units = "more units than the mandate has", str(used + history.units)
        yield Finding("mandate-units", place, message, f"at most {mandate.units}", found_units)


def _terms(mandate: Mandate, terms: Terms) -> Iterator[tuple[str, object, object, bool]]:
    """Each limit: its name, what the mandate says, what the bid says, whether that fits."""
    for name in ("designer", "token", "arbiter", "job_digest"):
        right, found = getattr(mandate, name), getattr(terms, name)
        yield name, right, found, right == found
    for name in ("unit_price", "dispute_fee", "make_time", "arbiter_time", "grace_time", "fallback_bps"):
        limit, value = getattr(mandate, f"max_{name}"), getattr(terms, name)
        yield f"max_{name}", limit, value, value <= limit
    for name in ("bond", "review_time", "arbiter_time"):
        limit, value = getattr(mandate, f"min_{name}"), getattr(terms, name)
        yield f"min_{name}", limit, value, value >= limit


def _units(case: Case, history: History, step: Step) -> Findings:
    """The count rises by the units awarded, and falls by as many when they come back."""
    if not isinstance(step.log, MandateUsed):
        return
    spent = step.before.status == "NONE"
    change = history.units if spent else -history.units
    used, revoked = mandate_at(case, step.log.mandate, step.raw)
    if spent and revoked:
        yield Finding("mandate-revoked", step.raw.place, "the mandate was revoked before")
    message = "the mandate's units are counted wrongly"
    yield from differs("mandate-used", step.raw.place, message, used + change, step.log.used)
    message = "of another mandate than the award"
    yield from differs("mandate-other", step.raw.place, message, history.mandate, step.log.mandate)


def _returned(history: History, uses: int) -> Findings:
    """Units come back on a cancel, or a refund with nothing paid, and on nothing else."""
    last = history.steps[-1]
    comes_back = last.how == "CANCELLED" or (last.how == "REFUNDED" and not last.before.paid)
    wanted = (1 + comes_back) if last.after.to_ledger else 0
    if uses != wanted:
        message = "the mandate's units came back where they must not, or did not where they must"
        yield Finding("mandate-return", "all logs", message, f"{wanted} uses of a mandate", str(uses))
