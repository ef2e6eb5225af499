"""Transactions for wallets to sign: built and tried against the node here, signed and sent by their owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from contracts import calls
from contracts.artifacts import error_selectors
from contracts.views import IsAwardable
from marketplace.chain.errors import ContractReverted, NodeRefused
from marketplace.chain.nodes import client
from marketplace.chain.selectors import deployment_current
from marketplace.escrow.award_book import award_book
from marketplace.escrow.errors import ADVICE, FundsTooLow, StepRefused
from protocol.terms import Bid, price_of
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Address, Digest, Wei, ether_text, hex_of

GAS_MARGIN = 1.25
"""Storage may have changed by the time the transaction is mined."""
NO_REASON = bytes(4)


@dataclass(frozen=True)
class UnsignedTransaction:
    """A call of the escrow. `value` in wei; `gas` is an estimate with a margin."""

    sender: Address
    to: Address
    data: str
    value: Wei
    chain_id: int
    gas: int

    def to_json(self) -> dict[str, Any]:
        """Wire form; wei as decimal text."""
        return {
            "from": self.sender,
            "to": self.to,
            "data": self.data,
            "value": str(self.value),
            "chain_id": self.chain_id,
            "gas": self.gas,
        }


def award(*, bid: Bid, signature: bytes, signer: Address, units: int) -> UnsignedTransaction:
    """The designer binds a bid by sending its price. Raises StepRefused, FundsTooLow, ChainError."""
    with _refusals():
        reason = client().ask(IsAwardable(bid, signature, signer, units)).reason
    if reason != NO_REASON:
        raise StepRefused(error_selectors()[reason].name)
    call = calls.Award(bid, signature, signer, units, ZERO_DIGEST, book=award_book(bid), from_ledger=False)
    return _step(bid.designer, call, value=price_of(bid, units))


def release(*, bid: Bid, cumulative: int) -> UnsignedTransaction:
    """The designer pays up to `cumulative` wei in all. Raises as `award`."""
    return _step(bid.designer, calls.Release(bid, Wei(cumulative)))


def deliver(*, bid: Bid, head: Digest) -> UnsignedTransaction:
    """The provider says it has delivered; `head` of its evidence log. Raises as `award`."""
    return _step(bid.provider, calls.Deliver(bid, head))


def claim(*, bid: Bid, sender: Address) -> UnsignedTransaction:
    """Anyone pays the provider the rest after the review time. Raises as `award`."""
    return _step(sender, calls.Claim(bid))


def refund(*, bid: Bid, sender: Address) -> UnsignedTransaction:
    """Anyone ends an agreement that missed its deadline. Raises as `award`."""
    return _step(sender, calls.Refund(bid))


def deposit(*, sender: Address, owner: Address, amount: int) -> UnsignedTransaction:
    """Add `amount` wei to the free balance of `owner`. Raises as `award`."""
    return _step(sender, calls.Deposit(ZERO_ADDRESS, owner, Wei(amount)), value=amount)


def withdraw(*, sender: Address, to: Address, amount: int) -> UnsignedTransaction:
    """Take `amount` wei of the sender's free balance. Raises as `award`."""
    return _step(sender, calls.Withdraw(ZERO_ADDRESS, to, Wei(amount)))


def _step(sender: Address, call: calls.Transaction, *, value: int = 0) -> UnsignedTransaction:
    to, node = Address(deployment_current().escrow), client()
    data = hex_of(call.data)
    if value and (balance := node.balance_of(sender)) < value:
        raise FundsTooLow(
            f"{sender} has {ether_text(balance)}, this takes {ether_text(value)} and gas: fund the wallet."
        )
    with _refusals():
        gas = node.estimate_gas(sender=sender, to=to, data=data, value=value)
    return UnsignedTransaction(sender, to, data, Wei(value), settings.CHAIN_ID, int(gas * GAS_MARGIN))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ContractReverted as error:
        if error.name not in ADVICE:
            raise
        values = {
            name: hex_of(value) if isinstance(value, bytes) else str(value)
            for name, value in error.values.items()
        }
        raise StepRefused(error.name, values) from error
    except NodeRefused as error:
        # Nodes agree on no code for it, only on the words.
        if "insufficient funds" in str(error).lower():
            raise FundsTooLow("The wallet cannot pay the gas of this transaction: fund it.") from error
        raise
