"""What the operator signs about bids, with the key that also sends and dispatches."""

from eth_typing import Hash32

from marketplace.chain.signing import operator
from protocol.typed import Domain, TypedStruct
from protocol.units import Address, address_of


def operator_address() -> Address | None:
    """Whose signatures receipts and books carry; None where this marketplace has no key."""
    account = operator()
    return address_of(account.address) if account else None


def operator_sign(struct: TypedStruct, domain: Domain) -> bytes:
    """The operator's signature, 65 bytes. Only where `operator_address` names one."""
    account = operator()
    if account is None:
        raise AssertionError("nothing is signed without a key")
    return bytes(account.unsafe_sign_hash(Hash32(struct.digest(domain))).signature)
