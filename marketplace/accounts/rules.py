"""The sign-in message (EIP-4361). Pure.

This site issues every message it accepts and compares it whole, so nothing of a message is ever parsed but
its nonce: domain, address, URI, chain, nonce and times are bound, as any other text is another message.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from protocol.canonical import keccak
from protocol.units import Address, Digest

STATEMENT = "Sign in to Infill. This costs nothing and moves no money."
_NONCE = re.compile(r"^Nonce: ([0-9a-f]{32})$", re.MULTILINE)


@dataclass(frozen=True)
class SignInMessage:
    """What is signed: `domain` as host[:port], times aware and in UTC."""

    domain: str
    uri: str
    chain_id: int
    address: Address
    nonce: str
    issued_at: datetime
    expires_at: datetime

    def text(self) -> str:
        """The EIP-4361 text, as a wallet shows it."""
        return (
            f"{self.domain} wants you to sign in with your Ethereum account:\n"
            f"{self.address}\n\n"
            f"{STATEMENT}\n\n"
            f"URI: {self.uri}\n"
            "Version: 1\n"
            f"Chain ID: {self.chain_id}\n"
            f"Nonce: {self.nonce}\n"
            f"Issued At: {iso_text(self.issued_at)}\n"
            f"Expiration Time: {iso_text(self.expires_at)}"
        )


def iso_text(moment: datetime) -> str:
    """ISO-8601 in UTC, to the second: 2026-01-31T12:00:00Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def nonce_of(message: str) -> str | None:
    """The nonce a message carries; None if it has none of ours."""
    found = _NONCE.search(message)
    return found[1] if found else None


def personal_digest(message: str) -> Digest:
    """What a wallet signs for a text (EIP-191, version E)."""
    data = message.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(data)).encode() + data)
