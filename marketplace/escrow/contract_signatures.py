"""Who signed, as the contract judges it: a key, or a wallet that is a contract (ERC-1271)."""

from eth_abi.abi import encode

from marketplace.chain.errors import ContractReverted
from marketplace.chain.nodes import client
from protocol.errors import SignatureInvalid
from protocol.signatures import recover
from protocol.units import ZERO_ADDRESS, Address, Digest, bytes_of, hex_of

MAGIC = bytes_of("0x1626ba7e")
"""The selector of isValidSignature(bytes32,bytes), which is also its yes."""


def signature_check(signer: Address, digest: Digest, signature: bytes) -> None:
    """Raises SignatureInvalid unless the signer signed the digest, ChainError."""
    if _by_key(signer, digest, signature) or _by_contract(signer, digest, signature):
        return
    raise SignatureInvalid(
        f"This is not the signature of {signer}: sign the exact typed data with that key, or let the wallet "
        "contract at that address sign it."
    )


def _by_key(signer: Address, digest: Digest, signature: bytes) -> bool:
    try:
        return recover(digest, signature) == signer
    except SignatureInvalid:
        return False


def _by_contract(signer: Address, digest: Digest, signature: bytes) -> bool:
    node = client()
    if not node.code_at(signer):
        return False
    data = MAGIC + encode(["bytes32", "bytes"], [digest, signature])
    try:
        answer = node.call(sender=ZERO_ADDRESS, to=signer, data=hex_of(data))
    except ContractReverted:
        return False
    return answer[:32] == MAGIC.ljust(32, b"\0")
