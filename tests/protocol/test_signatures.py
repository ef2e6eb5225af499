"""Recovering a signer is as strict as the contract."""

from __future__ import annotations

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from protocol.canonical import keccak
from protocol.errors import SignatureInvalid
from protocol.signatures import recover, signature_of

KEY = Account.from_key((0xB0).to_bytes(32))
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
digests = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize("length", [0, 1, 63, 66, 130])
def test_a_wrong_length_is_refused(length):
    with pytest.raises(SignatureInvalid, match="64 bytes"):
        recover(keccak(b""), bytes(length))


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_a_wrong_v_is_refused(v):
    signature = KEY.unsafe_sign_hash(keccak(b"")).signature
    with pytest.raises(SignatureInvalid):
        recover(keccak(b""), signature[:64] + bytes([v]))


@pytest.mark.parametrize("text", [None, 7, "", "0x1", "zz", "0xgg"])
def test_what_is_no_hex_is_no_signature(text):
    with pytest.raises(SignatureInvalid):
        signature_of(text)


@given(digests)
def test_the_malleable_twin_is_refused(digest):
    signed = KEY.unsafe_sign_hash(digest)
    twin = signed.r.to_bytes(32) + (ORDER - signed.s).to_bytes(32) + bytes([55 - signed.v])
    with pytest.raises(SignatureInvalid, match="high s"):
        recover(digest, twin)


@given(st.binary(min_size=64, max_size=65), digests)
def test_noise_is_refused_or_recovers_to_somebody_else(noise, digest):
    try:
        assert recover(digest, noise) != KEY.address
    except SignatureInvalid:
        return


@given(digests)
def test_both_forms_recover_to_the_signer(digest):
    signed = KEY.unsafe_sign_hash(digest)
    compact = signed.r.to_bytes(32) + (signed.s | (signed.v - 27) << 255).to_bytes(32)
    assert recover(digest, signed.signature) == recover(digest, compact) == KEY.address
