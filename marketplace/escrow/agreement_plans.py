"""What each step of an agreement calls, and says to who is asked to sign it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts import calls
from contracts.calls import Call
from contracts.views import AgreementWord
from marketplace.escrow import payouts
from marketplace.escrow.coins import Coin
from marketplace.escrow.models import Agreement
from marketplace.escrow.offers import standby_offer
from marketplace.escrow.payouts import Payout, Pot
from marketplace.escrow.transactions import Plan
from protocol.statuses import AgreementFlag
from protocol.terms import Bid
from protocol.units import Address, Wei, digest_of, moment_text


@dataclass(frozen=True)
class Moment:
    """An agreement as the chain has it now, who acts, and what they wrote. `now` in epoch seconds."""

    row: Agreement
    sender: Address
    word: AgreementWord
    now: int
    coin: Coin
    wanted: dict[str, Any]

    @property
    def bid(self) -> Bid:
        return self.row.bid_terms

    @property
    def pot(self) -> Pot:
        return Pot(self.bid, int(self.word.price), int(self.word.paid), self.word.status)

    def text(self, amount: int) -> str:
        return self.coin.text(amount)

    def plan(self, call: Call, summary: str, *, pays: int = 0, until: int | None = None) -> Plan:
        return Plan(self.sender, call, summary, self.now, pays, self.coin, until)


FREE = "'s free balance in the escrow"
Planner = Callable[[Moment], Plan]


def moves_text(m: Moment, out: Payout) -> str:
    """Who receives what, in one sentence for each."""
    ledger = bool(m.word.flags & AgreementFlag.REFUND_TO_LEDGER)
    told = (
        (out.payment, f"to the provider{FREE if m.bid.to_ledger else ''}"),
        (out.fee, f"to {m.bid.fee_to} as the fee"),
        (out.to_designer, f"to the designer{FREE if ledger else ''}"),
        (out.bond_back, f"of the bond to the provider{FREE}"),
        (out.to_arbiter, "to the arbiter"),
    )
    moved = [f"{m.text(amount)} goes {where}" for amount, where in told if amount]
    return f"{_listed(moved)}." if moved else "Nothing moves."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _payment(m: Moment, cumulative: int, call: Call) -> Plan:
    moved, rest = moves_text(m, payouts.paid_up_to(m.pot, cumulative)), m.pot.price - cumulative
    after = (
        "This closes the agreement."
        if not rest
        else f"The escrow goes on holding {m.text(rest)} of the price."
    )
    return m.plan(call, f"{moved} {after}")


def release(m: Moment) -> Plan:
    cumulative = m.wanted.get("cumulative", m.pot.price)
    return _payment(m, cumulative, calls.Release(m.bid, Wei(cumulative)))


def redeem(m: Moment) -> Plan:
    cumulative = m.wanted["cumulative"]
    return _payment(m, cumulative, calls.Redeem(m.bid, Wei(cumulative), m.wanted["signature"]))


def claim(m: Moment) -> Plan:
    return _payment(m, m.pot.price, calls.Claim(m.bid))


def deliver(m: Moment) -> Plan:
    review = moment_text(m.now + m.bid.review_time)
    return m.plan(
        calls.Deliver(m.bid, digest_of(m.wanted["head"])),
        "You state that the units are delivered. Nothing moves yet: the designer can look at them, "
        f"release or dispute until about {review}; after that anyone can claim {m.text(m.pot.unpaid)} for "
        "you.",
        until=m.word.clock + m.bid.make_time,
    )


def refund(m: Moment) -> Plan:
    return m.plan(calls.Refund(m.bid), f"{moves_text(m, payouts.refunded(m.pot))} This closes the agreement.")


def cancel(m: Moment) -> Plan:
    summary = (
        f"{moves_text(m, payouts.cancelled(m.pot))} This closes the agreement at no cost to either side."
    )
    return m.plan(calls.Cancel(m.bid), summary, until=m.word.clock + m.bid.grace_time)


def give_up(m: Moment) -> Plan:
    lost = m.text(m.pot.unpaid + int(m.bid.bond))
    return m.plan(
        calls.GiveUp(m.bid),
        f"You state that you will not deliver, which cannot be taken back. From then on {lost}, your bond "
        "included, can go back to the designer or over to the standby. Redeem vouchers first.",
    )


def drop_standby(m: Moment) -> Plan:
    return m.plan(
        calls.DropStandby(m.bid),
        "The standby is no longer named: if the provider fails, the money can only come back to you. "
        "Nothing moves.",
    )


def reaward(m: Moment) -> Plan:
    """Raises StepRefused, StandbyUnknown."""
    offer = standby_offer(m.row)
    price = int(offer.terms.unit_price) * m.row.units
    surplus = m.pot.price + int(m.bid.bond) - price
    return m.plan(
        calls.Reaward(m.bid, offer.terms, offer.signature, offer.signer),
        f"The standby {offer.terms.provider} takes over {m.row.units} unit(s) for {m.text(price)}, paid by "
        f"the price and the lost bond; {m.text(max(0, surplus))} goes to the designer. It must deliver "
        f"until about {moment_text(m.now + offer.terms.make_time)}.",
        until=offer.terms.valid_until,
    )


def dispute(m: Moment) -> Plan:
    from_ledger, fee = m.wanted["from_ledger"], int(m.bid.dispute_fee)
    source = "your free balance" if from_ledger else "your wallet"
    paid = f"{m.text(fee)} goes from {source} into the escrow as the dispute fee. " if fee else ""
    return m.plan(
        calls.Dispute(m.bid, digest_of(m.wanted["head"]), from_ledger),
        f"You contest the delivery. {paid}{_decided(m)}",
        pays=0 if from_ledger else fee,
        until=m.word.clock + m.bid.review_time,
    )


def _decided(m: Moment) -> str:
    until, share = moment_text(m.now + m.bid.arbiter_time), m.bid.fallback_bps / 100
    return (
        f"The arbiter {m.bid.arbiter} can divide {m.text(m.pot.unpaid + int(m.bid.bond))} until about "
        f"{until}; if it stays silent, {share:g} % of what is unpaid, and the bond, can go to the provider."
    )


def rule(m: Moment) -> Plan:
    cumulative, bond_back = m.wanted["cumulative"], m.wanted["bond_back"]
    return m.plan(
        calls.Rule(m.bid, Wei(cumulative), Wei(bond_back)),
        f"{moves_text(m, payouts.ruled(m.pot, cumulative, bond_back))} This closes the agreement.",
        until=m.word.clock + m.bid.arbiter_time,
    )


def settle(m: Moment) -> Plan:
    split = m.wanted["settlement"]
    return m.plan(
        calls.Settle(m.bid, split, m.wanted["signature"]),
        f"{moves_text(m, payouts.settled(m.pot, int(split.to_provider)))} This closes the agreement as "
        "both sides signed.",
        until=split.deadline,
    )


def expire(m: Moment) -> Plan:
    return m.plan(
        calls.Expire(m.bid),
        f"{moves_text(m, payouts.expired(m.pot))} This closes the agreement without a ruling.",
    )
