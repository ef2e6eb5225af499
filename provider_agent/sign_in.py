"""Signing in with Ethereum (EIP-4361): the message is signed only if it is for us, here and now."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from protocol.canonical import keccak
from protocol.units import Address, Digest
from provider_agent.errors import SignInRefused

LONGEST_SECONDS = 24 * 60 * 60
"""A message valid for longer could be used long after it was asked for."""

_MESSAGE = re.compile(
    r"(?P<domain>[^\s/?#@]+) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n\n"
    r"(?:[^\n]+\n)?\n"
    r"URI: (?P<uri>\S+)\n"
    r"Version: 1\n"
    r"Chain ID: (?P<chain>[1-9][0-9]*)\n"
    r"Nonce: [A-Za-z0-9]{8,}\n"
    r"Issued At: \S+\n"
    r"Expiration Time: (?P<expires>\S+)"
    r"(?:\nNot Before: \S+)?(?:\nRequest ID: \S*)?"
)


def challenge_check(text: str, *, url: str, chain_id: int, address: Address, now: datetime) -> None:
    """Raises SignInRefused unless the message names this marketplace, chain and address, and is in date."""
    found = _MESSAGE.fullmatch(text)
    if found is None:
        raise SignInRefused(f"{url} asks to sign what is no sign-in message (EIP-4361): nothing was signed")
    place, named = urlsplit(url), urlsplit(found["uri"])
    checks = (
        (found["domain"] == place.netloc, f"it is for {found['domain']}, not for {place.netloc}"),
        ((named.scheme, named.netloc) == (place.scheme, place.netloc), f"its URI is {found['uri']}"),
        (int(found["chain"]) == chain_id, f"it is for chain {found['chain']}, not {chain_id}"),
        (found["address"] == address, f"it is for {found['address']}, not {address}"),
        (_in_date(found["expires"], now), "it is out of date, or in date for over a day: check the clock"),
    )
    for good, problem in checks:
        if not good:
            raise SignInRefused(f"{url} asks to sign a message that is not ours to sign: {problem}")


def challenge_digest(text: str) -> Digest:
    """The 32 bytes that a wallet signs for a text (EIP-191)."""
    data = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(data)).encode() + data)


def _in_date(expires: str, now: datetime) -> bool:
    try:
        left = (datetime.fromisoformat(expires) - now).total_seconds()
    except (ValueError, TypeError):
        return False
    return 0 < left <= LONGEST_SECONDS
