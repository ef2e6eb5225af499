"""Canonical bytes (RFC 8785) and the digests made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785
from eth_hash.auto import keccak as _keccak

from protocol.errors import Malformed
from protocol.units import Digest

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


def keccak(data: bytes) -> Digest:
    """Keccak-256."""
    return Digest(_keccak(data))


def canonical_bytes(value: Json) -> bytes:
    """RFC 8785 bytes. Raises Malformed for what it cannot carry: ints beyond 2^53-1, NaN, bad text."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise Malformed(f"not canonical JSON: {error}") from error


def json_digest(value: Json) -> Digest:
    """Keccak-256 of the canonical bytes."""
    return keccak(canonical_bytes(value))


def salted_digest(salt: bytes, data: bytes) -> Digest:
    """A commitment: keccak(salt || data). The salt is 32 bytes, so the digest does not reveal small data."""
    if len(salt) != 32:
        raise Malformed("a salt is 32 bytes")
    return keccak(salt + data)


def parse_canonical(data: bytes) -> Any:
    """The value of canonical JSON bytes. Raises Malformed unless the bytes are exactly the canonical form."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from error
    if canonical_bytes(value) != data:
        raise Malformed("JSON, but not in canonical form (RFC 8785)")
    return value
