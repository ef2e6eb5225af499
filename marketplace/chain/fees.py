"""What a transaction offers for its gas, within the operator's caps. Pure; all amounts in wei for one gas."""

from dataclasses import dataclass

from marketplace.chain.answers import Market
from protocol.units import Wei

GAS_SPARE = 50_000
"""Two words of storage that were there when it was tried, and must be made anew when it is mined."""


@dataclass(frozen=True)
class Fees:
    """The most to be paid in all and, out of it, to the miner; also the operator's caps on both."""

    max_fee: int
    priority: int


def fees_first(market: Market, cap: Fees) -> Fees | None:
    """Fees that hold while the base fee doubles. None where the caps do not pay even the present one."""
    priority = min(market.priority, cap.priority)
    if market.base_fee + priority > cap.max_fee:
        return None
    return Fees(min(2 * market.base_fee + priority, cap.max_fee), priority)


def fees_above(before: Fees, market: Market, cap: Fees) -> Fees | None:
    """Fees for which nodes let a transaction replace another. None where the caps leave no room for them."""
    least = Fees(_raised(before.max_fee), _raised(before.priority))
    if max(least.max_fee, market.base_fee + least.priority) > cap.max_fee or least.priority > cap.priority:
        return None
    priority = min(max(least.priority, market.priority), cap.priority)
    max_fee = min(max(least.max_fee, 2 * market.base_fee + priority), cap.max_fee)
    return Fees(max_fee, min(priority, max_fee))


def _raised(fee: int) -> int:
    """An eighth more, and never the same: nodes ask for a tenth, in both fees."""
    return fee + fee // 8 + 1


def gas_limit(estimate: int) -> int:
    """Gas to allow where a simulation used `estimate`; what is not used is not paid."""
    return estimate + estimate // 4 + GAS_SPARE


def cost_most(gas: int, max_fee: int, value: int) -> Wei:
    """The most that a transaction can take from its sender, in wei."""
    return Wei(gas * max_fee + value)
