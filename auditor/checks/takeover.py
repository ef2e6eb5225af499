"""Did the standby that was named take over, as it must, what had failed?"""

from auditor.case import Case
from auditor.checks.base import Findings, need_history
from auditor.findings import Finding, differs
from auditor.logs import Awarded, Closed
from auditor.moving import Step
from auditor.records import Terms
from auditor.standing import Standing


def standby_fits(case: Case) -> Findings:
    """Looked at from the agreement that failed, and from the one that took over."""
    history = need_history(case)
    for step in history.steps:
        if step.how == "REAWARDED":
            if step.handed_to is None:
                message = "closed as taken over, yet no award of a standby follows"
                yield Finding("takeover-missing", step.raw.place, message)
            else:
                yield from _fits(step.raw.place, step.before, history.terms, step.handed_to)
    yield from _taken(case, history.award, history.awarded)


def _taken(case: Case, award: Step, awarded: Awarded) -> Findings:
    """The agreement whose units this one took over named it, and had failed."""
    closed = award.taken_from
    if award.call and (award.call.function == "reaward") != (closed is not None):
        message = "a standby is awarded where another agreement closes for it, and only there"
        yield Finding("takeover-missing", award.raw.place, message)
    if closed is None:
        return
    last = case.failed.steps[-1] if case.failed else None
    if case.failed is None or last is None or not isinstance(last.log, Closed) or last.how != "REAWARDED":
        message = "the agreement that failed cannot be read from the node's logs"
        yield Finding("takeover-missing", award.raw.place, message)
        return
    yield from _fits(award.raw.place, last.before, case.failed.terms, awarded)
    surplus = _surplus(last.before, case.failed.terms, awarded)
    message = "the designer's surplus is not what the standby left"
    yield from differs("takeover-price", last.raw.place, message, surplus, last.log.to_designer)


def _fits(place: str, before: Standing, failed: Terms, standby: Awarded) -> Findings:
    """The bid is the one that was named, for the same units, job, designer and token, of another provider."""
    message = "another bid took over than was named"
    yield from differs("takeover-standby", place, message, before.standby, standby.agreement)
    units = before.price // failed.unit_price if failed.unit_price else 0
    yield from differs("takeover-units", place, "not the units that failed", units, standby.units)
    for member in ("designer", "token", "job_digest"):
        right, found = getattr(failed, member), getattr(standby.terms, member)
        yield from differs("takeover-unfit", place, f"another {member}", right, found)
    if standby.terms.provider == failed.provider:
        yield Finding("takeover-unfit", place, "the provider that failed took over from itself")
    surplus = _surplus(before, failed, standby)
    if surplus < 0:
        message = "the standby costs more than price and lost bond together"
        yield Finding(
            "takeover-price", place, message, f"at most {before.price + failed.bond} wei", f"{-surplus} more"
        )


def _surplus(before: Standing, failed: Terms, standby: Awarded) -> int:
    """What price and lost bond leave of the standby's price."""
    return before.price + failed.bond - standby.terms.unit_price * standby.units
