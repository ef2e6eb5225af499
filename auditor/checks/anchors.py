"""Do the proofs lead to roots that the chain has, and could what they prove have been anchored then?"""

from collections import Counter
from collections.abc import Sequence

from auditor.anchoring import ANCHORS, Anchorable, anchorable, anchored_times
from auditor.case import Case
from auditor.checks.base import CLOCK_TOLERANCE, Findings, need
from auditor.findings import Finding, differs, text_of
from auditor.ids import anchor_leaf_digest, keccak, root_by
from contracts.artifacts import is_build
from protocol.units import Digest


def proofs_lead(case: Case) -> Findings:
    """Each proof starts at the leaf of something in this bundle, and ends at a root that is listed."""
    if not case.bundle.has(ANCHORS):
        return
    anchors = need(case.bundle.anchors, ANCHORS)
    known = {each.leaf.record: each for each in anchorable(case)}
    listed = {each.root for each in anchors.roots}
    for number, proof in enumerate(anchors.proofs):
        place, right = f"{ANCHORS} proof {number}", known.get(proof.leaf.record)
        if right is None:
            message = "the proof of something that the bundle does not hold"
            yield Finding("anchor-foreign", place, message, found=text_of(proof.leaf.record))
            continue
        for member, value in vars(right.leaf).items():
            found = getattr(proof.leaf, member)
            yield from differs("anchor-leaf", place, f"another {member} than {right.place}", value, found)
        root = root_by(anchor_leaf_digest(proof.leaf), proof.path)
        yield from differs("anchor-proof", place, "the proof leads to another root", proof.root, root)
        if proof.root not in listed:
            yield Finding("anchor-root", place, "the root is not listed", found=text_of(proof.root))
    for record, count in Counter(proof.leaf.record for proof in anchors.proofs).items():
        if count > 1:
            yield Finding("anchor-twice", ANCHORS, "proven more than once", "once", text_of(record))


def roots_anchored(case: Case) -> Findings:
    """The contract is the committed ProvenanceAnchor, and it has each root under its publisher since then."""
    if not case.bundle.has(ANCHORS):
        return
    anchors, code = need(case.bundle.anchors, ANCHORS), case.node.anchor_code
    if not is_build("ProvenanceAnchor", code):
        message = "the code is not the ProvenanceAnchor this auditor was made for: its roots prove nothing"
        found = text_of(keccak(code)) if code else "no code"
        yield Finding("anchor-contract", f"contract {anchors.contract}", message, found=found)
    for number, each in enumerate(anchors.roots):
        place, time = f"{ANCHORS} root {number}", case.node.anchored.get((each.publisher, each.root), 0)
        if not time:
            message = f"{each.publisher} never anchored this root"
            yield Finding("anchor-never", place, message, found=text_of(each.root))
        else:
            yield from differs("anchor-time", place, "anchored at another time", time, each.anchored_at)


def in_order(case: Case) -> Findings:
    """Nothing was anchored before it was made; no record of a log was passed over before an anchored one."""
    if not case.bundle.has(ANCHORS):
        return
    need(case.bundle.anchors, ANCHORS)
    times, everything = anchored_times(case), anchorable(case)
    for each in everything:
        time = times.get(each.leaf.record)
        if time is not None and time + CLOCK_TOLERANCE < each.stated_at:
            message, limit = "says it was made after it was anchored", f"until {time}"
            yield Finding("anchor-early", each.place, message, limit, str(each.stated_at))
    for role in ("provider", "designer"):
        log = [each for each in everything if each.place.startswith(f"evidence/{role}.json")]
        yield from _gaps(log, times)


def _gaps(log: Sequence[Anchorable], times: dict[Digest, int]) -> Findings:
    anchored = [number for number, each in enumerate(log) if each.leaf.record in times]
    for number, each in enumerate(log[: anchored[-1]] if anchored else ()):
        if each.leaf.record not in times:
            message = f"not anchored, though record {anchored[-1]} after it is"
            yield Finding("anchor-gap", log[number].place, message, "a proof", "none")
