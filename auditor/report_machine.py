"""The report for programs. Members are only ever added; `version` changes if one changes its meaning."""

from typing import Any

from auditor.audit import Audit
from auditor.errors import CannotTell
from auditor.findings import Finding, Verdict, text_of
from auditor.ids import keccak
from auditor.rebuild import History
from auditor.records import NodeFacts
from auditor.timeline import timeline_of

VERSION = 1


def report_of(audit: Audit) -> dict[str, Any]:
    """A finished audit. Wei are decimal texts, times epoch seconds, digests 0x hex."""
    return {
        "version": VERSION,
        "verdict": str(audit.verdict),
        "agreement": text_of(audit.case.agreement),
        "chain": _chain(audit.case.node),
        "award": _award(audit.case.history),
        "timeline": [vars(entry) for entry in timeline_of(audit.case)],
        "money": _money(audit.case.history),
        "checks": [
            {
                "name": result.name,
                "title": result.title,
                "passed": result.passed,
                "skipped": result.skipped or None,
                "findings": [_finding(finding) for finding in result.findings],
            }
            for result in audit.results
        ],
        "notes": list(audit.notes),
    }


def refusal_of(reason: CannotTell) -> dict[str, Any]:
    """An audit that could not be made."""
    why = {"code": reason.code, "message": str(reason)}
    return {"version": VERSION, "verdict": str(Verdict.CANNOT_TELL), "reason": why}


def _chain(node: NodeFacts) -> dict[str, Any]:
    return {
        "chain_id": node.chain_id,
        "escrow": node.escrow,
        "code_digest": text_of(keccak(node.code)),
        "head": node.head.number,
        "head_digest": text_of(node.head.digest),
        "finalized": node.finalized,
    }


def _award(history: History | None) -> dict[str, Any] | None:
    if history is None:
        return None
    standing, terms = history.standing, history.terms
    members = {name: _plain(value) for name, value in vars(terms).items()}
    return {
        "terms": members,
        "units": history.units,
        "price": str(standing.price),
        "paid": str(standing.paid),
        "status": standing.status,
        "how": standing.how,
        "head": text_of(history.head),
        "given_up": standing.given_up,
        "standby": text_of(standing.standby),
        "mandate": text_of(history.mandate),
    }


def _money(history: History | None) -> list[dict[str, Any]]:
    if history is None:
        return []
    return [{**vars(movement), "amount": str(movement.amount)} for movement in history.movements]


def _finding(finding: Finding) -> dict[str, str]:
    return dict(vars(finding))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return text_of(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
