"""Who takes part, with keys that are the same in every run."""

from eth_account import Account
from eth_account.signers.local import LocalAccount

from protocol.canonical import keccak
from protocol.units import Address, Digest, address_of

ROLES = ("designer", "provider", "rival", "hot key", "arbiter", "dispatcher", "operator", "stranger")
KEYS: dict[str, LocalAccount] = {
    role: Account.from_key(keccak(f"infill benchmark: {role}".encode())) for role in ROLES
}
ADDRESSES: dict[str, Address] = {role: address_of(key.address) for role, key in KEYS.items()}

DESIGNER, PROVIDER, RIVAL, HOT_KEY, ARBITER, DISPATCHER, OPERATOR, STRANGER = (
    ADDRESSES[role] for role in ROLES
)


def sign(role: str, digest: Digest) -> bytes:
    """64 bytes: r, and s with the parity in its top bit (ERC-2098)."""
    signed = Account.unsafe_sign_hash(digest, KEYS[role].key)
    return bytes(signed.r.to_bytes(32) + (signed.s | (signed.v - 27) << 255).to_bytes(32))
