"""Asking a wallet that is a contract whether it signed (ERC-1271)."""

from __future__ import annotations

from eth_abi.abi import encode

from protocol.units import Digest, bytes_of

_MAGIC = bytes_of("0x1626ba7e")
"""The selector of isValidSignature(bytes32,bytes), which is also its yes."""


def question(digest: Digest, signature: bytes) -> bytes:
    """The data of the call that asks it."""
    return _MAGIC + encode(["bytes32", "bytes"], [digest, signature])


def says_yes(answer: bytes) -> bool:
    """Whether the answer is the whole word that the standard asks for, as the contract reads it."""
    return answer[:32] == _MAGIC.ljust(32, b"\0")
