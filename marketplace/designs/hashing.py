"""Keccak-256 over a stream. eth_hash keeps every chunk it was given for a later copy, so a large upload would
stay in memory; the library below it keeps none."""

from Crypto.Hash import keccak
from Crypto.Hash.keccak import Keccak_Hash


def keccak_stream(start: bytes = b"") -> Keccak_Hash:
    """A running digest: `update(bytes)`, then `digest()`."""
    return keccak.new(digest_bits=256, data=start)
