"""Who signed, as the contract judges it: a key, or a wallet that is a contract (ERC-1271)."""

from marketplace.chain.errors import ContractReverted
from marketplace.chain.nodes import client
from protocol import erc1271
from protocol.errors import SignatureInvalid
from protocol.signatures import recover
from protocol.units import ZERO_ADDRESS, Address, Digest, hex_of


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
    data = hex_of(erc1271.question(digest, signature))
    try:
        answer = node.call(sender=ZERO_ADDRESS, to=signer, data=data)
    except ContractReverted:
        return False
    return erc1271.says_yes(answer)
