"""Transactions for wallets to sign: built and tried against the node here, signed and sent by their owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings

from contracts import token as erc20
from contracts.artifacts import error_selectors
from contracts.calls import Call
from marketplace.chain.errors import ContractReverted, NodeRefused
from marketplace.chain.nodes import Nodes, client
from marketplace.chain.selectors import deployment_current
from marketplace.escrow.coins import Coin, allowance_of, ask_token
from marketplace.escrow.errors import FundsTooLow, StepRefused
from protocol.terms import DAY
from protocol.units import Address, Wei, duration_text, ether_text, hex_of, moment_text

GAS_MARGIN = 1.25
"""Storage may have changed by the time the transaction is mined."""


@dataclass(frozen=True)
class UnsignedTransaction:
    """A transaction that nobody signed yet. `value` in wei; `gas` is an estimate with a margin."""

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


@dataclass(frozen=True)
class Plan:
    """A step before it is tried. `pays` leaves the sender's wallet; `until` is its last second, epoch s.

    `now` is the time of the newest block.
    """

    sender: Address
    call: Call
    summary: str
    now: int
    pays: int = 0
    coin: Coin = field(default_factory=Coin)
    until: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """A step that would succeed now. `then`: the step to ask for once this one is mined."""

    step: str
    transaction: UnsignedTransaction
    summary: str
    warnings: tuple[str, ...]
    estimate: int
    then: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Wire form."""
        return {
            "step": self.step,
            "then": self.then,
            "transaction": self.transaction.to_json(),
            "summary": self.summary,
            "warnings": list(self.warnings),
            "simulation": {"ok": True, "gas": self.estimate},
        }


def prepare(step: str, plan: Plan) -> Prepared:
    """Try a step against the node. Where a token must first allow the escrow to take the money, that instead.

    Raises StepRefused, FundsTooLow, ChainError.
    """
    escrow = Address(deployment_current().escrow)
    if plan.pays and not plan.coin.is_native:
        token, amount = plan.coin.token, Wei(plan.pays)
        _require_tokens(plan)
        if allowance_of(token, plan.sender) < amount:
            approval = replace(
                plan, call=erc20.Approve(escrow, amount), summary=_approval(plan, step), until=None
            )
            return replace(_tried("approve", approval, token, 0), then=step)
        return _tried(step, plan, escrow, 0)
    return _tried(step, plan, escrow, plan.pays)


def _approval(plan: Plan, step: str) -> str:
    return (
        f"You let the escrow take {plan.coin.text(plan.pays)} from your wallet, and no more. Nothing moves "
        f"yet: once this is mined, ask for the step `{step}` again."
    )


def _require_tokens(plan: Plan) -> None:
    has = ask_token(plan.coin.token, erc20.BalanceOf(plan.sender))
    if has < plan.pays:
        text = plan.coin.text
        raise FundsTooLow(f"{plan.sender} has {text(has)}, this takes {text(plan.pays)}: fund the wallet.")


def _tried(step: str, plan: Plan, to: Address, value: int) -> Prepared:
    node, data = client(), hex_of(plan.call.data)
    balance = node.balance_of(plan.sender)
    if balance < value:
        raise FundsTooLow(
            f"{plan.sender} has {ether_text(balance)}, this takes {ether_text(value)} and gas: fund the "
            "wallet."
        )
    with refusals():
        estimate = node.estimate_gas(sender=plan.sender, to=to, data=data, value=value)
    gas = int(estimate * GAS_MARGIN)
    transaction = UnsignedTransaction(plan.sender, to, data, Wei(value), settings.CHAIN_ID, gas)
    warnings = (*plan.warnings, *_deadline_warnings(plan), *_gas_warnings(node, balance - value, estimate))
    return Prepared(step, transaction, plan.summary, warnings + plan.coin.warnings, estimate)


def _deadline_warnings(plan: Plan) -> Iterator[str]:
    if plan.until is not None and plan.until - plan.now < DAY:
        left = duration_text(max(0, plan.until - plan.now))
        yield (
            f"This can be mined until {moment_text(plan.until)}, which is in {left}: sign it soon. Time in "
            "which the chain stands still counts."
        )


def _gas_warnings(node: Nodes, left: int, estimate: int) -> Iterator[str]:
    cost = estimate * node.gas_price()
    if left < cost:
        has = ether_text(left)
        yield f"The gas costs about {ether_text(cost)}, and your wallet has {has} left for it: fund it."


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what the escrow reverts with into StepRefused, and a wallet without gas into FundsTooLow."""
    try:
        yield
    except ContractReverted as error:
        if error.name not in {known.name for known in error_selectors().values()}:
            raise
        raise StepRefused(error.name, error.values_json) from error
    except NodeRefused as error:
        # Nodes agree on no code for it, only on the words.
        if "insufficient funds" in str(error).lower():
            raise FundsTooLow("The wallet cannot pay the gas of this transaction: fund it.") from error
        raise
