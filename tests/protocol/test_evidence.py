"""Evidence: a log that was shortened, reordered, forged or altered is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.canonical import keccak
from protocol.errors import EvidenceBroken, EvidenceOutOfOrder, Malformed, SignatureInvalid
from protocol.evidence import Evidence, Kind, SignedEvidence, evidence_check, head_of, payload_digest
from protocol.typed import infill_domain
from protocol.units import ZERO_DIGEST, hex_of
from tests.vectors.samples import CHAIN_ID, ESCROW

DOMAIN = infill_domain(CHAIN_ID, ESCROW)
AGREEMENT = keccak(b"agreement")
SALT = hex_of(keccak(b"salt"))


def signed_by(key: LocalAccount, before: SignedEvidence | None = None, **changes) -> SignedEvidence:
    payload = changes.pop("payload_content", {"salt": SALT, "note": "x"})
    record = Evidence(
        agreement=AGREEMENT,
        actor=key.address,
        seq=before.record.seq + 1 if before else 0,
        kind=Kind.SLICED,
        payload=payload_digest(payload),
        previous=head_of(before, DOMAIN),
        observed_at=1_800_000_000,
    )
    record = replace(record, **changes)
    return SignedEvidence(record, payload, key.unsafe_sign_hash(record.digest(DOMAIN)).signature)


def check_log(log: list[SignedEvidence], actor: LocalAccount) -> None:
    for before, record in zip([None, *log], log, strict=False):
        check(record, actor, before)


def check(signed: SignedEvidence, actor: LocalAccount, previous: SignedEvidence | None = None) -> None:
    evidence_check(signed, domain=DOMAIN, agreement=AGREEMENT, actor=actor.address, previous=previous)


def test_a_gap_is_refused_and_names_the_resume_point(bo):
    first = signed_by(bo)
    with pytest.raises(EvidenceOutOfOrder) as refusal:
        check(signed_by(bo, first, seq=5), bo, first)
    assert refusal.value.expected_seq == 1


def test_a_key_signs_for_the_actor_only_where_it_is_named(bo, charlie, dee):
    record = signed_by(charlie, actor=bo.address)
    with pytest.raises(SignatureInvalid):
        check(record, bo)
    named = {"domain": DOMAIN, "agreement": AGREEMENT, "actor": bo.address, "previous": None}
    with pytest.raises(SignatureInvalid):
        evidence_check(record, **named, hot_key=dee.address)
    evidence_check(record, **named, hot_key=charlie.address)


def test_the_first_record_is_number_zero(bo):
    with pytest.raises(EvidenceOutOfOrder):
        check(signed_by(bo, seq=1), bo)


@pytest.mark.parametrize(
    "change",
    [
        {"agreement": keccak(b"other")},
        {"payload": keccak(b"other")},
        {"previous": keccak(b"other")},
        {"kind": "guessed"},
        {"observed_at": 1},
    ],
    ids=str,
)
def test_a_record_that_contradicts_its_log_is_refused(bo, change):
    first = signed_by(bo)
    with pytest.raises(EvidenceBroken):
        check(signed_by(bo, first, **change), bo, first)


def test_a_record_of_somebody_else_is_refused(bo, charlie):
    with pytest.raises(EvidenceBroken, match="actor"):
        check(signed_by(charlie), bo)


def test_a_record_signed_by_a_stranger_is_refused(bo, charlie):
    honest = signed_by(bo)
    forged = replace(honest, signature=charlie.unsafe_sign_hash(honest.record.digest(DOMAIN)).signature)
    with pytest.raises(SignatureInvalid):
        check(forged, bo)


@pytest.mark.parametrize("salt", [None, "0x12", 7])
def test_a_payload_without_salt_is_refused(salt):
    with pytest.raises(Malformed, match="salt"):
        payload_digest({"salt": salt})


@pytest.mark.parametrize(
    "data", [None, {}, {"record": {}, "payload": {}}, {"record": {}, "payload": [], "signature": ""}]
)
def test_what_is_no_record_is_refused(data):
    with pytest.raises(Malformed):
        SignedEvidence.from_json(data)


@settings(max_examples=20)
@given(length=st.integers(1, 6), data=st.data())
def test_an_honest_log_passes_and_any_dropped_record_is_found(bo, length, data):
    log: list[SignedEvidence] = []
    for _ in range(length):
        log.append(signed_by(bo, log[-1] if log else None))
    check_log(log, bo)
    dropped = data.draw(st.integers(0, length - 1))
    shortened = log[:dropped] + log[dropped + 1 :]
    if dropped < length - 1:
        with pytest.raises((EvidenceOutOfOrder, EvidenceBroken)):
            check_log(shortened, bo)
    else:
        assert head_of(shortened[-1] if shortened else None, DOMAIN) != head_of(log[-1], DOMAIN)


def test_wire_form_and_back_is_the_same(bo):
    signed = signed_by(bo)
    assert SignedEvidence.from_json(signed.to_json()) == signed


def test_an_empty_log_has_the_zero_head():
    assert head_of(None, DOMAIN) == ZERO_DIGEST
