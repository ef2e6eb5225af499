"""The operator's key: it signs receipts and books and can move nobody's money. Never logged, never shown."""

from django.conf import settings
from eth_account import Account

from protocol.typed import Domain, TypedStruct
from protocol.units import Address, address_of


def operator_address() -> Address | None:
    """Whose signatures receipts and books carry; None where this marketplace has no key."""
    if not settings.OPERATOR_KEY:
        return None
    return address_of(Account.from_key(settings.OPERATOR_KEY).address)


def operator_sign(struct: TypedStruct, domain: Domain) -> bytes:
    """The operator's signature, 65 bytes. Only where `operator_address` names one."""
    return bytes(Account.from_key(settings.OPERATOR_KEY).unsafe_sign_hash(struct.digest(domain)).signature)
