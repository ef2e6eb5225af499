"""One audit: gather what node and bundle say, ask every question, reach a verdict."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from auditor.anchoring import anchor_notes
from auditor.case import Case, ModelFile, ReceiptFile, case_of
from auditor.checks import CHECKS
from auditor.checks.base import need_history
from auditor.checks.deliveries import unnamed_notes
from auditor.checks.evidence import committed_records
from auditor.checks.slicing import slant_notes
from auditor.findings import CheckResult, Finding, Verdict
from auditor.rebuild import History
from auditor.records import NodeFacts
from auditor.signatures import Claim, claims_of
from auditor.signers import signer_of
from auditor.sources.anchors import receipt_read
from auditor.sources.bundle import bundle_read
from auditor.sources.node import Node, Progress
from auditor.sources.parts import Bundle
from protocol.units import ZERO_DIGEST, Digest


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
    receipts: tuple[Path, ...] = (),
    from_block: int,
    progress: Progress,
) -> Case:
    """Read node, bundle, design files and receipts. Raises CannotTell."""
    bundle = bundle_read(bundle_path)
    held = tuple(ReceiptFile(path.name, receipt_read(path)) for path in receipts)
    files = tuple(ModelFile(path.name, path.read_bytes()) for path in models)
    facts = facts_of(agreement, node, bundle, from_block=from_block, progress=progress)
    return case_of(agreement, facts, bundle, files, held)


def facts_of(
    agreement: Digest, node: Node, bundle: Bundle, *, from_block: int, progress: Progress
) -> NodeFacts:
    """All that the node says: of the agreement, then of what it turns out to depend on. Raises CannotTell."""
    facts = node.facts(agreement, from_block, progress)
    history = case_of(agreement, facts, bundle).history
    if history is None:
        return facts
    failed = history.award.taken_from
    facts = node.around(
        facts,
        token=history.terms.token,
        provider=history.terms.provider,
        mandate=history.mandate,
        failed=failed.agreement if failed else None,
        from_block=from_block,
    )
    if bundle.anchors:
        roots = [(each.publisher, each.root) for each in bundle.anchors.roots]
        facts = node.anchors(facts, bundle.anchors.contract, roots)
    claims = claims_of(case_of(agreement, facts, bundle))
    return replace(facts, accepted=frozenset(claim.key for claim in claims if _accepted(claim, node, facts)))


def _accepted(claim: Claim, node: Node, facts: NodeFacts) -> bool:
    """Whether a contract vouches for a signature: at the block of its use; where that is forgotten, now."""
    if signer_of(claim.digest, claim.signature) == claim.signer:
        return False
    return any(node.contract_accepts(*claim.key, block) for block in (claim.block, facts.head.number))


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
    yield from unnamed_notes(case)
    yield from slant_notes(case)
    yield from anchor_notes(case)
    if history:
        yield from _unseen(history)
    if history and case.bundle.provider_log:
        yield from _uncommitted(case)


def _unseen(history: History) -> Iterator[str]:
    """What the chain does not show to who reads transactions."""
    if history.award.call is None:
        yield "The award came through another contract: the escrow itself checked that its designer agreed."
    elif any(step.call is None for step in history.steps):
        yield "Some steps came through another contract: the escrow itself checked who asked for them."
    if history.dispute and getattr(history.dispute.log, "head", None) == ZERO_DIGEST:
        yield "The designer disputed without committing to any evidence."


def _uncommitted(case: Case) -> Iterator[str]:
    """A head that no record has is a finding; here it is only about what came after the head, or without."""
    records = case.bundle.provider_log or ()
    committed = committed_records(case, records)
    count = len(records) - len(committed)
    if count and (committed or need_history(case).delivery is None):
        yield f"{count} of {len(records)} provider records are under no head on chain: signed, no more."
