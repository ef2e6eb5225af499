"""What the steps about oneself call: one's balance, bids, keys and mandates in the escrow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts import calls
from marketplace.accounts.scopes import Scope
from marketplace.chain.nodes import client
from marketplace.escrow import step_bodies as bodies
from marketplace.escrow.coins import Coin, coin_of
from marketplace.escrow.transactions import Plan, Prepared, prepare
from protocol.units import Address, Wei, moment_text, seconds_of


@dataclass(frozen=True)
class AccountMoment:
    """Who acts and what they wrote. `now` in epoch seconds."""

    sender: Address
    now: int
    coin: Coin
    wanted: dict[str, Any]

    def plan(self, call: calls.Call, summary: str, *, pays: int = 0) -> Plan:
        return Plan(self.sender, call, summary, self.now, pays, self.coin)


def _deposit(m: AccountMoment) -> Plan:
    amount = m.wanted["amount"]
    return m.plan(
        calls.Deposit(m.coin.token, m.sender, Wei(amount)),
        f"{m.coin.text(amount)} goes from your wallet to your free balance in the escrow. Bonds are locked "
        "and awards can be paid from it, and you can withdraw it at any time.",
        pays=amount,
    )


def _withdraw(m: AccountMoment) -> Plan:
    amount, to = m.wanted["amount"], m.wanted.get("to", m.sender)
    where = "your wallet" if to == m.sender else to
    return m.plan(
        calls.Withdraw(m.coin.token, to, Wei(amount)),
        f"{m.coin.text(amount)} goes from your free balance in the escrow to {where}.",
    )


def _bump_epoch(m: AccountMoment) -> Plan:
    return m.plan(
        calls.BumpEpoch(m.coin.token),
        f"All your bids in {m.coin.symbol} that are not awarded are withdrawn, standby bids included, "
        "which cannot be taken back. Nothing moves.",
    )


def _set_agent(m: AccountMoment) -> Plan:
    key, bond_left, until = m.wanted["key"], m.wanted["bond_left"], max(0, seconds_of(m.wanted["until"]))
    if until < m.now:
        summary = (
            f"The key {key} may no longer sign bids in {m.coin.symbol} nor deliver for you. Nothing moves."
        )
    else:
        summary = (
            f"Until {moment_text(until)} the key {key} may sign bids in {m.coin.symbol} that lock up to "
            f"{m.coin.text(bond_left)} of your free balance, and say deliveries for you. Whoever steals it "
            "can lose you that much. Nothing moves now."
        )
    return m.plan(calls.SetAgent(m.coin.token, key, until, Wei(bond_left)), summary)


def _revoke_mandate(m: AccountMoment) -> Plan:
    mandate = m.wanted["mandate"]
    return m.plan(
        calls.RevokeMandate(mandate),
        f"The dispatcher {mandate.dispatcher} can no longer award for you under this mandate, which cannot "
        "be taken back. Agreements that are already awarded stay. Nothing moves.",
    )


@dataclass(frozen=True)
class AccountStep:
    """One step: what it takes in the request's body, what it calls, the scope it takes."""

    name: str
    plan: Callable[[AccountMoment], Plan]
    takes: type[bodies.Shape]
    scope: Scope = Scope.BIDS


ACCOUNT_STEPS = (
    AccountStep("deposit", _deposit, bodies.AmountSerializer),
    AccountStep("withdraw", _withdraw, bodies.WithdrawSerializer),
    AccountStep("bump-epoch", _bump_epoch, bodies.TokenSerializer),
    AccountStep("set-agent", _set_agent, bodies.SetAgentSerializer),
    AccountStep("revoke-mandate", _revoke_mandate, bodies.RevokeMandateSerializer, Scope.JOBS),
)


def account_prepare(step: AccountStep, sender: Address, wanted: dict[str, Any]) -> Prepared:
    """What the sender signs, tried on the chain as it is now. Raises StepRefused, FundsTooLow, ChainError."""
    coin = coin_of(wanted["token"]) if "token" in wanted else Coin()
    now = seconds_of(client().head().time)
    return prepare(step.name, step.plan(AccountMoment(sender, now, coin, wanted)))
