"""Is each party's evidence log unbroken, signed, of this agreement, and the one committed on chain?"""

from collections.abc import Sequence

from auditor.around import key_at
from auditor.case import Case
from auditor.checks.base import CLOCK_TOLERANCE, Findings, need, need_history
from auditor.findings import Finding, differs, text_of
from auditor.ids import keccak, record_digest
from auditor.logs import Disputed
from auditor.records import SignedRecord
from auditor.signers import signer_of
from protocol.canonical import canonical_bytes
from protocol.errors import Malformed
from protocol.units import ZERO_DIGEST, Address, Digest, digest_of

PROVIDER, DESIGNER = "evidence/provider.json", "evidence/designer.json"
MAKING = (
    "model received",
    "sliced",
    "print started",
    "telemetry segment",
    "paused",
    "print failed",
    "print finished",
    "packed",
    "shipped",
)
JUDGING = ("received", "disputed", "ruled")
BOTH = ("job spec", "measured", "photo")
BEFORE_DELIVERY = ("model received", "print started", "print finished")


def provider_log_sound(case: Case) -> Findings:
    """The provider's evidence log."""
    records, provider = need(case.bundle.provider_log, PROVIDER), need_history(case).terms.provider
    hot_key = _hot_key(case)
    yield from _sound(case, PROVIDER, records, provider, (*BOTH, *MAKING), hot_key=hot_key)


def designer_log_sound(case: Case) -> Findings:
    """The designer's evidence log."""
    records = need(case.bundle.designer_log, DESIGNER)
    yield from _sound(case, DESIGNER, records, need_history(case).terms.designer, (*BOTH, *JUDGING))


def head_committed(case: Case) -> Findings:
    """The head delivered on chain is the digest of a record of the provider's log."""
    history, records = need_history(case), need(case.bundle.provider_log, PROVIDER)
    if history.delivery is None:
        return
    if history.head == ZERO_DIGEST:
        yield Finding("evidence-none", history.delivery.raw.place, "delivered without any evidence")
    elif not committed_records(case, records):
        message = "no record of the provider's log has the head that was delivered on chain"
        last = text_of(_digests(case, records)[-1]) if records else "an empty log"
        yield Finding("evidence-head", PROVIDER, message, text_of(history.head), last)


def dispute_committed(case: Case) -> Findings:
    """The head that a dispute carried is the digest of a record of the designer's log."""
    dispute = need_history(case).dispute
    if dispute is None or not isinstance(dispute.log, Disputed) or dispute.log.head == ZERO_DIGEST:
        return
    records = need(case.bundle.designer_log, DESIGNER)
    digests = _digests(case, records)
    if dispute.log.head not in digests:
        message = "no record of the designer's log has the head that was disputed with"
        last = text_of(digests[-1]) if digests else "an empty log"
        yield Finding("evidence-head", DESIGNER, message, text_of(dispute.log.head), last)


def print_evidenced(case: Case) -> Findings:
    """Before delivery: design received, print started, print finished, in this order and in time."""
    history, records = need_history(case), need(case.bundle.provider_log, PROVIDER)
    delivery = history.delivery
    if delivery is None or history.head == ZERO_DIGEST:
        return
    committed = committed_records(case, records) or records
    for number, entry in enumerate(committed):
        if entry.record.observed_at > delivery.raw.time + CLOCK_TOLERANCE:
            message, place = "observed after the delivery that commits to it", f"{PROVIDER} record {number}"
            limit, found = f"until {delivery.raw.time}", str(entry.record.observed_at)
            yield Finding("evidence-late", place, message, limit, found)
    kinds, at = [entry.record.kind for entry in committed], 0
    for kind in BEFORE_DELIVERY:
        if kind not in kinds[at:]:
            yield Finding("evidence-lacking", PROVIDER, f"no '{kind}' in its place before the delivery")
        else:
            at += kinds[at:].index(kind) + 1


def committed_records(case: Case, records: Sequence[SignedRecord]) -> Sequence[SignedRecord]:
    """The records up to the head that was delivered on chain; none where no record has that digest."""
    digests = _digests(case, records)
    head = need_history(case).head
    return records[: digests.index(head) + 1] if head in digests else ()


def _digests(case: Case, records: Sequence[SignedRecord]) -> list[Digest]:
    return [record_digest(entry.record, case.node.chain_id, case.node.escrow) for entry in records]


def _hot_key(case: Case) -> Address | None:
    """The hot key that signed the bid, where it was one at the award: it signs for the provider."""
    bid, history = case.bundle.bid, need_history(case)
    if bid is None or key_at(case, history, bid.signer, history.award.raw) is None:
        return None
    return bid.signer


def _sound(
    case: Case,
    file: str,
    records: Sequence[SignedRecord],
    actor: Address,
    kinds: Sequence[str],
    *,
    hot_key: Address | None = None,
) -> Findings:
    digests = [ZERO_DIGEST, *_digests(case, records)]
    earliest = need_history(case).award.raw.time - CLOCK_TOLERANCE
    for number, entry in enumerate(records):
        place, record = f"{file} record {number}", entry.record
        yield from differs("evidence-seq", place, "out of sequence", number, record.seq)
        message = "does not follow the record before it"
        yield from differs("evidence-previous", place, message, digests[number], record.previous)
        yield from _content(case, place, entry, actor)
        if record.kind not in kinds:
            yield Finding("evidence-kind", place, "no record of this party", ", ".join(kinds), record.kind)
        if record.observed_at < earliest:
            message = "observed before the record before it, or before the award"
            yield Finding("evidence-time", place, message, f"from {earliest}", str(record.observed_at))
        earliest = max(earliest, record.observed_at)
        signer = signer_of(digests[number + 1], entry.signature)
        if signer is None or signer not in {actor, hot_key}:
            yield Finding(
                "evidence-signature", place, "not its actor's signature", actor, signer or "nobody's"
            )


def _content(case: Case, place: str, entry: SignedRecord, actor: Address) -> Findings:
    record = entry.record
    message = "of another agreement"
    yield from differs("evidence-agreement", place, message, case.agreement, record.agreement)
    yield from differs("evidence-actor", place, "of another actor", actor, record.actor)
    try:
        digest_of(entry.payload.get("salt"))
        found = keccak(canonical_bytes(entry.payload))
    except Malformed as error:
        yield Finding("evidence-salt", place, f"the payload commits to nothing: {error}")
        return
    message = "the payload is not the one that was signed"
    yield from differs("evidence-payload", place, message, record.payload, found)
