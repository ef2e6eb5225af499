"""Recovering the signer of a digest, as strictly as the contract does."""

from __future__ import annotations

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from protocol.errors import Malformed, SignatureInvalid
from protocol.units import Address, Digest, address_of, bytes_of

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""Half of the secp256k1 group order; a larger s is the malleable twin (EIP-2)."""


def signature_of(text: object) -> bytes:
    """The bytes of a signature's wire form. Raises SignatureInvalid."""
    try:
        return bytes_of(text)
    except Malformed as error:
        raise SignatureInvalid(f"not a signature: {error}") from error


def recover(digest: Digest, signature: bytes) -> Address:
    """The signer. 65 bytes r||s||v (v 27 or 28) or 64 bytes r||vs (EIP-2098), low s.

    Raises SignatureInvalid.
    """
    r, s, parity = _parts(signature)
    if s > _HALF_ORDER:
        raise SignatureInvalid("the signature has a high s value; sign with a wallet that follows EIP-2")
    try:
        public = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError) as error:
        raise SignatureInvalid(f"no key makes this signature: {error}") from error
    return address_of(public.to_checksum_address())


def _parts(signature: bytes) -> tuple[int, int, int]:
    r, tail = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64])
    if len(signature) == 64:
        return r, tail & (2**255 - 1), tail >> 255
    if len(signature) == 65 and signature[64] in (27, 28):
        return r, tail, signature[64] - 27
    raise SignatureInvalid("a signature is 64 bytes, or 65 ending in 27 or 28")
