"""The operator's own key: it pays for gas, and uses mandates. It is never logged, shown or stored."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from eth_account import Account
from eth_account.signers.local import LocalAccount

from marketplace.chain.fees import Fees
from protocol.units import bytes_of, hex_of


@dataclass(frozen=True)
class Call:
    """What a transaction does and at which nonce; `data` is 0x text, `value` in wei."""

    nonce: int
    to: str
    data: str
    value: int
    gas: int


@dataclass(frozen=True)
class Signed:
    """A signed transaction; both are 0x text."""

    digest: str
    raw: str


def operator() -> LocalAccount | None:
    """Whoever signs for this marketplace; None where OPERATOR_KEY is empty."""
    key: str = settings.OPERATOR_KEY
    return _account(key) if key else None


@cache
def _account(key: str) -> LocalAccount:
    account: LocalAccount = Account.from_key(key)
    return account


def sign(account: LocalAccount, call: Call, fees: Fees) -> Signed:
    """Sign for the configured chain. The same arguments give the same bytes."""
    signed = account.sign_transaction(
        {
            "type": 2,
            "chainId": settings.CHAIN_ID,
            "nonce": call.nonce,
            "to": bytes_of(call.to),
            "value": call.value,
            "data": bytes_of(call.data),
            "gas": call.gas,
            "maxFeePerGas": fees.max_fee,
            "maxPriorityFeePerGas": fees.priority,
        }
    )
    return Signed(hex_of(signed.hash), hex_of(signed.raw_transaction))
