"""What of a bundle can be anchored, as which leaves, and since when it is. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.case import Case
from auditor.ids import book_digest, profile_digest, receipt_digest, record_digest
from auditor.records import AnchorLeaf
from protocol.units import ZERO_DIGEST, Digest

ANCHORS, BOOK = "anchors.json", "book.json"


@dataclass(frozen=True)
class Anchorable:
    """Something signed: where it stands in the bundle, when it says it was made, and its leaf."""

    place: str
    stated_at: int
    leaf: AnchorLeaf


def anchorable(case: Case) -> list[Anchorable]:
    """All that has a leaf, both evidence logs in their order."""
    return [*_of_operator(case), *_of_log(case, "provider"), *_of_log(case, "designer")]


def _of_operator(case: Case) -> Iterator[Anchorable]:
    here, book, profile = (case.node.chain_id, case.node.escrow), case.bundle.book, case.bundle.profile
    if book:
        receipt, closed = book.receipt.receipt, book.book
        digest = receipt_digest(receipt, *here)
        leaf = AnchorLeaf(*here, receipt.job, receipt.seq, "receipt", receipt.bid, digest)
        yield Anchorable(f"{BOOK} receipt", receipt.received_at, leaf)
        digest = book_digest(closed, *here)
        leaf = AnchorLeaf(*here, closed.job, closed.number, "bid book", closed.root, digest)
        yield Anchorable(f"{BOOK} book", closed.closed_at, leaf)
    if profile:
        signed = profile.profile
        digest = profile_digest(signed, *here)
        leaf = AnchorLeaf(*here, digest, signed.seq, "printer profile", signed.capability, digest)
        yield Anchorable("profile.json", signed.issued_at, leaf)


def _of_log(case: Case, role: str) -> Iterator[Anchorable]:
    here = case.node.chain_id, case.node.escrow
    log = case.bundle.provider_log if role == "provider" else case.bundle.designer_log
    for number, entry in enumerate(log or ()):
        record, digest = entry.record, record_digest(entry.record, *here)
        leaf = AnchorLeaf(*here, record.agreement, record.seq, record.kind, record.payload, digest)
        yield Anchorable(f"evidence/{role}.json record {number}", record.observed_at, leaf)


def anchored_times(case: Case) -> dict[Digest, int]:
    """Signed digest -> when the chain anchored it, by the bundle's proofs; without what it never did."""
    anchors = case.bundle.anchors
    if anchors is None:
        return {}
    times = {each.root: case.node.anchored.get((each.publisher, each.root), 0) for each in anchors.roots}
    return {proof.leaf.record: times[proof.root] for proof in anchors.proofs if times.get(proof.root)}


def anchor_notes(case: Case) -> Iterator[str]:
    """How much is anchored, by whom and how late; what a bundle without proofs cannot show."""
    if case.history and case.history.awarded.book == ZERO_DIGEST:
        yield "The award commits to no bid book: which other bids there were is not shown."
    anchors = case.bundle.anchors
    if anchors is None:
        yield "Nothing is anchored: when its evidence was made, the bundle shows by its signers' words alone."
        return
    times, logs = anchored_times(case), [*_of_log(case, "provider"), *_of_log(case, "designer")]
    delays = [times[each.leaf.record] - each.stated_at for each in logs if each.leaf.record in times]
    publishers = ", ".join(sorted({each.publisher for each in anchors.roots}))
    slowest = f", at most {max(delays)} s after it was observed" if delays else ""
    yield (
        f"Anchored: {len(delays)} of {len(logs)} evidence records{slowest}, by {publishers}: "
        "compare with the publisher that the deployment names."
    )
