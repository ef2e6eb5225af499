"""Evidence: signed records, chained for one agreement and actor (domain Infill)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from protocol.canonical import json_digest
from protocol.errors import EvidenceBroken, EvidenceOutOfOrder, Malformed, SignatureInvalid
from protocol.signatures import recover, signature_of
from protocol.typed import U40, U64, AddressField, DigestField, Domain, Text, TypedStruct
from protocol.units import ZERO_DIGEST, Address, Digest, digest_of, hex_of


class Kind(StrEnum):
    """What a record states (PROTOCOL: kinds of evidence)."""

    JOB_SPEC = "job spec"
    MODEL_RECEIVED = "model received"
    SLICED = "sliced"
    PRINT_STARTED = "print started"
    TELEMETRY = "telemetry segment"
    PAUSED = "paused"
    PRINT_FAILED = "print failed"
    PRINT_FINISHED = "print finished"
    MEASURED = "measured"
    PHOTO = "photo"
    PACKED = "packed"
    SHIPPED = "shipped"
    RECEIVED = "received"
    DISPUTED = "disputed"
    RULED = "ruled"


@dataclass(frozen=True)
class Evidence(TypedStruct):
    """One fact. `payload`: digest of the salted payload; `previous`: that of the actor's record before."""

    agreement: DigestField
    actor: AddressField
    seq: U64
    kind: Text
    payload: DigestField
    previous: DigestField
    observed_at: U40


@dataclass(frozen=True)
class SignedEvidence:
    """A record with the payload it commits to and its actor's signature."""

    record: Evidence
    payload: dict[str, Any]
    signature: bytes

    def to_json(self) -> dict[str, Any]:
        """Wire form: `{"record": .., "payload": .., "signature": "0x.."}`."""
        return {"record": self.record.to_json(), "payload": self.payload, "signature": hex_of(self.signature)}

    @classmethod
    def from_json(cls, data: object) -> SignedEvidence:
        """Strict inverse of to_json. Raises Malformed or SignatureInvalid."""
        if not isinstance(data, dict) or set(data) != {"record", "payload", "signature"}:
            raise Malformed("expected record, payload and signature", "evidence")
        payload = data["payload"]
        if not isinstance(payload, dict):
            raise Malformed("expected an object", "evidence.payload")
        return cls(Evidence.from_json(data["record"]), payload, signature_of(data["signature"]))


def payload_digest(payload: dict[str, Any]) -> Digest:
    """Digest of a payload. Raises Malformed without its 32-byte `salt`, which lets it commit unseen."""
    try:
        digest_of(payload.get("salt"))
    except Malformed as error:
        raise Malformed("expected 32 random bytes as hex", "evidence.payload.salt") from error
    return json_digest(payload)


def head_of(last: SignedEvidence | None, domain: Domain) -> Digest:
    """Digest of an actor's last record; zero for an empty log."""
    return last.record.digest(domain) if last else ZERO_DIGEST


def evidence_check(
    signed: SignedEvidence,
    *,
    domain: Domain,
    agreement: Digest,
    actor: Address,
    previous: SignedEvidence | None,
    hot_key: Address | None = None,
) -> None:
    """Check one record against the one before it. `hot_key` may sign for the actor, where there is one.

    Raises EvidenceOutOfOrder (with the sequence number that is next), EvidenceBroken or SignatureInvalid.
    """
    record = signed.record
    expected = previous.record.seq + 1 if previous else 0
    if record.seq != expected:
        raise EvidenceOutOfOrder(expected, record.seq)
    _check_content(signed, agreement, actor)
    if record.previous != head_of(previous, domain):
        raise EvidenceBroken(f"record {record.seq} does not follow the record before it")
    if previous and record.observed_at < previous.record.observed_at:
        raise EvidenceBroken(f"record {record.seq} was observed before record {previous.record.seq}")
    if recover(record.digest(domain), signed.signature) not in {actor, hot_key}:
        raise SignatureInvalid(f"record {record.seq} is not signed by {actor}")


def _check_content(signed: SignedEvidence, agreement: Digest, actor: Address) -> None:
    record = signed.record
    if record.agreement != agreement:
        raise EvidenceBroken(f"record {record.seq} belongs to agreement {hex_of(record.agreement)}")
    if record.actor != actor:
        raise EvidenceBroken(f"record {record.seq} names {record.actor} as its actor, not {actor}")
    if record.kind not in set(Kind):
        raise EvidenceBroken(f"record {record.seq} has the unknown kind {record.kind!r}")
    if payload_digest(signed.payload) != record.payload:
        raise EvidenceBroken(f"record {record.seq} does not commit to its payload")
