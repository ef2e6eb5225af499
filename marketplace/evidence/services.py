"""Taking in signed evidence."""

from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.activity.services import activity_record
from marketplace.bidding.authorities import authority_of
from marketplace.escrow.models import Agreement
from marketplace.escrow.selectors import infill_domain_here
from marketplace.evidence.models import Record
from marketplace.evidence.prints import prints_follow
from marketplace.evidence.rules import (
    EvidenceConflict,
    EvidenceNotActor,
    EvidenceNotNext,
    payload_text,
    seq_check,
    time_check,
)
from marketplace.evidence.selectors import record_at, record_last, signed_of
from protocol.errors import EvidenceOutOfOrder
from protocol.evidence import Kind, SignedEvidence, evidence_check
from protocol.units import Address, address_of, digest_of, hex_of, seconds_of, time_of


class Appended(NamedTuple):
    """The stored record, and whether this call stored it."""

    record: Record
    new: bool


def evidence_append(*, agreement: Agreement, person: str, signed: SignedEvidence) -> Appended:
    """Add one record to its actor's log. The same record again is answered with the stored one.

    Raises EvidenceNotActor, EvidenceConflict, EvidenceTooLarge, EvidenceNotNext (with the resume point),
    EvidenceFromFuture, EvidenceBroken, SignatureInvalid, Malformed.
    """
    actor = signed.record.actor
    if actor != person or actor not in agreement.parties:
        raise EvidenceNotActor(
            f"You are {person}: each party of an agreement sends the records it signed itself."
        )
    if known := record_at(agreement.id, actor, signed.record.seq):
        return _same(known, signed)
    row = _checked(agreement, signed)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            activity_record(
                kind="evidence.appended",
                subject=f"agreement:{agreement.id}",
                actor=actor,
                data={"seq": row.seq, "kind": row.kind, "digest": row.digest},
            )
            if row.kind == Kind.PRINT_FINISHED:
                prints_follow(agreements=[agreement.pk])
    except IntegrityError:
        # Another request took this seq between the check and the insert.
        winner = record_at(agreement.id, actor, signed.record.seq)
        if winner is None:
            raise
        return _same(winner, signed)
    return Appended(row, new=True)


def _checked(agreement: Agreement, signed: SignedEvidence) -> Record:
    domain, record = infill_domain_here(), signed.record
    last = record_last(agreement.id, record.actor)
    try:
        evidence_check(
            signed,
            domain=domain,
            agreement=digest_of(agreement.id),
            actor=address_of(record.actor),
            previous=signed_of(last) if last else None,
            hot_key=_hot_key(agreement, record.actor),
        )
    except EvidenceOutOfOrder as error:
        raise EvidenceNotNext(error.expected_seq, f"{error}.") from error
    seq_check(record.seq)
    time_check(record.observed_at, now=seconds_of(timezone.now()))
    return Record(
        agreement=agreement.id,
        actor=record.actor,
        seq=record.seq,
        kind=record.kind,
        payload_text=payload_text(signed),
        payload_digest=hex_of(record.payload),
        previous=hex_of(record.previous),
        observed_at=time_of(record.observed_at),
        signature=hex_of(signed.signature),
        digest=hex_of(record.digest(domain)),
    )


def _hot_key(agreement: Agreement, actor: str) -> Address | None:
    """The key that signed the provider's bid, while it may sign for it."""
    bid = agreement.bid
    if actor != agreement.provider or bid is None or bid.signer == actor:
        return None
    key = authority_of(bid.terms, bid.signer).key
    live = key is not None and key.until >= seconds_of(timezone.now())
    return address_of(bid.signer) if live else None


def _same(known: Record, signed: SignedEvidence) -> Appended:
    """The signature is not compared: ECDSA has many for one record, and the first stands."""
    same_payload = known.payload_text == payload_text(signed)
    if known.digest != hex_of(signed.record.digest(infill_domain_here())) or not same_payload:
        raise EvidenceConflict(
            f"Another record has seq {known.seq} (digest {known.digest}): a log is never rewritten. "
            "Continue from the stored one."
        )
    return Appended(known, new=False)
