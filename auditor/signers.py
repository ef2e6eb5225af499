"""Who made a signature, computed a second time."""

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from protocol.units import Address, Digest, address_of

HIGHEST_S = (0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141) // 2


def signer_of(digest: Digest, signature: bytes) -> Address | None:
    """The address whose key made the signature; None where the escrow would accept it from nobody.

    65 bytes ending in 27 or 28, or 64 bytes with the parity in the top bit of s; s in the lower half.
    """
    if len(signature) == 64:
        parity, s = signature[32] >> 7, int.from_bytes(signature[32:]) & ((1 << 255) - 1)
    elif len(signature) == 65 and signature[64] in (27, 28):
        parity, s = signature[64] - 27, int.from_bytes(signature[32:64])
    else:
        return None
    if s > HIGHEST_S:
        return None
    try:
        made = Signature(vrs=(parity, int.from_bytes(signature[:32]), s))
        key = made.recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError):
        return None
    return address_of(key.to_checksum_address())
