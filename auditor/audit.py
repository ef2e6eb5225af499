"""One audit: gather what node and bundle say, ask every question, reach a verdict."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from auditor.case import Case, ModelFile, case_of
from auditor.checks import CHECKS
from auditor.checks.base import need_history
from auditor.checks.evidence import committed_records
from auditor.findings import CheckResult, Finding, Verdict
from auditor.sources.bundle import bundle_read
from auditor.sources.node import Node, Progress
from protocol.units import Digest


@dataclass(frozen=True)
class Audit:
    """A case, every check's answer, and notes: what is true, but not proven here."""

    case: Case
    results: tuple[CheckResult, ...]
    notes: tuple[str, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the checks."""
        return tuple(finding for result in self.results for finding in result.findings)

    @property
    def verdict(self) -> Verdict:
        """Clean only where every check ran and found nothing."""
        return Verdict.CLEAN if all(result.passed for result in self.results) else Verdict.FINDINGS


def gather(
    agreement: Digest,
    node: Node,
    bundle_path: Path,
    *,
    models: tuple[Path, ...],
    from_block: int,
    progress: Progress,
) -> Case:
    """Read node, bundle and design files. Raises CannotTell."""
    bundle = bundle_read(bundle_path)
    facts = node.facts(agreement, from_block, progress)
    files = tuple(ModelFile(path.name, path.read_bytes()) for path in models)
    case = case_of(agreement, facts, bundle, files)
    if case.history is None or bundle.bid is None:
        return case
    provider, signature = case.history.terms.provider, bundle.bid.signature
    accepts = node.contract_accepts(provider, agreement, signature, facts.head.number)
    return replace(case, node=replace(facts, provider_accepts=accepts))


def audit_of(case: Case) -> Audit:
    """Ask every question. Pure."""
    return Audit(case, tuple(check.run(case) for check in CHECKS), tuple(_notes(case)))


def _notes(case: Case) -> Iterator[str]:
    node, history = case.node, case.history
    newest = max((log.block for log in node.logs), default=0)
    if node.finalized is None:
        yield "The node does not say which blocks are final."
    elif newest > node.finalized:
        yield (
            f"Not final yet: the newest log is in block {newest}, blocks are final up to {node.finalized}. "
            "Run again later; a reorganisation could still take it back."
        )
    if not case.models:
        yield "No design file was given (--model FILE): what was printed is known by its salted digest only."
    if history and history.call is None:
        yield "The award came through another contract: the escrow itself admits the designer alone."
    if history and case.bundle.provider_log:
        yield from _uncommitted(case)


def _uncommitted(case: Case) -> Iterator[str]:
    """A head that no record has is a finding; here it is only about what came after the head, or without."""
    records = case.bundle.provider_log or ()
    committed = committed_records(case, records)
    count = len(records) - len(committed)
    if count and (committed or need_history(case).delivery is None):
        yield f"{count} of {len(records)} provider records are under no head on chain: signed, no more."
