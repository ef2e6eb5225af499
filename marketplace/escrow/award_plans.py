"""What the ways to award a bid call, and say to who is asked to sign them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts import calls
from contracts.calls import Call
from contracts.codec import Permit
from contracts.views import CheckAwardable
from marketplace.chain.nodes import client
from marketplace.escrow import step_bodies as bodies
from marketplace.escrow.award_book import award_book
from marketplace.escrow.coins import Coin, coin_of
from marketplace.escrow.errors import StepRefused
from marketplace.escrow.offers import Target, award_target, consented_target
from marketplace.escrow.transactions import Plan, Prepared, prepare, refusals
from protocol.terms import DAY, Bid
from protocol.units import (
    ZERO_ADDRESS,
    ZERO_DIGEST,
    Address,
    Digest,
    duration_text,
    hex_of,
    moment_text,
    seconds_of,
)

KEY_SIGNATURE = 65
"""Bytes of r, s and v, as a permit takes them."""


@dataclass(frozen=True)
class AwardMoment:
    """A bid that the chain would award now, who sends that, and what they wrote. `now` in epoch seconds."""

    target: Target
    sender: Address
    now: int
    coin: Coin
    wanted: dict[str, Any]

    @property
    def bid(self) -> Bid:
        return self.target.offer.terms

    @property
    def offer(self) -> tuple[Bid, bytes, Address]:
        return self.target.offer.terms, self.target.offer.signature, self.target.offer.signer

    def plan(self, call: Call, source: str, *, pays: int = 0, until: int | None = None) -> Plan:
        last = min(self.bid.valid_until, self.bid.valid_until if until is None else until)
        summary = award_summary(self.target, self.coin, self.now, source)
        warnings = review_warnings(self.bid)
        return Plan(self.sender, call, summary, self.now, pays, self.coin, last, warnings)


def award_summary(target: Target, coin: Coin, now: int, source: str) -> str:
    """What an award binds both sides to."""
    bid, price = target.offer.terms, coin.text(target.price)
    standby = (
        f" If it fails, the bid {hex_of(target.standby)[:10]}… may take over."
        if target.standby != ZERO_DIGEST
        else ""
    )
    grace = (
        f"Until about {moment_text(now + bid.grace_time)} either side can cancel. " if bid.grace_time else ""
    )
    return (
        f"{price} goes from {source} into the escrow for {target.units} unit(s) by the provider "
        f"{bid.provider}, whose bond of {coin.text(int(bid.bond))} is locked. {grace}It must deliver until "
        f"about {moment_text(now + bid.make_time)}; the designer then has {duration_text(bid.review_time)} "
        f"to look.{standby}"
    )


def review_warnings(bid: Bid) -> tuple[str, ...]:
    """Deadlines of the terms that leave too little time should the chain stand still."""
    if bid.review_time >= DAY:
        return ()
    time = duration_text(bid.review_time)
    return (
        f"After a delivery only {time} are left to look at it and dispute; then anyone can claim the price.",
    )


def _award(m: AwardMoment) -> Plan:
    from_ledger = m.wanted["from_ledger"]
    call = calls.Award(*m.offer, m.target.units, m.target.standby, award_book(m.bid), from_ledger)
    source = "your free balance" if from_ledger else "your wallet"
    return m.plan(call, source, pays=0 if from_ledger else m.target.price)


def _award_with_permit(m: AwardMoment) -> Plan:
    """Raises StepRefused for the chain's own coin, and for a signature that is not a key's."""
    if m.bid.token == ZERO_ADDRESS:
        raise StepRefused("TokenUnsupported", {"token": m.bid.token})
    signature: bytes = m.wanted["signature"]
    if len(signature) != KEY_SIGNATURE:
        raise StepRefused("SignatureInvalid")
    parts = (signature[64], Digest(signature[:32]), Digest(signature[32:64]))
    permit = Permit(m.wanted["deadline"], *parts)
    call = calls.AwardWithPermit(*m.offer, m.target.units, m.target.standby, award_book(m.bid), permit)
    return m.plan(call, "your wallet", until=m.wanted["deadline"])


def _award_for(m: AwardMoment) -> Plan:
    consent = m.wanted["consent"]
    call = calls.AwardFor(*m.offer, consent, m.wanted["signature"])
    return m.plan(call, "the designer's free balance", until=consent.deadline)


def _own(bid: str, person: str, wanted: dict[str, Any]) -> Target:
    return award_target(bid, person, wanted)


def _consented(bid: str, person: str, wanted: dict[str, Any]) -> Target:
    consent = wanted["consent"]
    return consented_target(bid, person, consent.units, consent.standby)


@dataclass(frozen=True)
class AwardStep:
    """One way to award: which bids may be bound so, what it takes in the request's body, what it calls."""

    name: str
    target: Callable[[str, str, dict[str, Any]], Target]
    plan: Callable[[AwardMoment], Plan]
    takes: type[bodies.Shape]


AWARD_STEPS = (
    AwardStep("award", _own, _award, bodies.AwardSerializer),
    AwardStep("award-with-permit", _own, _award_with_permit, bodies.AwardWithPermitSerializer),
    AwardStep("award-for", _consented, _award_for, bodies.AwardForSerializer),
)


def award_prepare(step: AwardStep, target: Target, sender: Address, wanted: dict[str, Any]) -> Prepared:
    """What the sender signs to bind a bid, tried on the chain as it is now.

    Raises StepRefused, FundsTooLow, ChainError.
    """
    node, offer = client(), target.offer
    with refusals():
        node.ask(CheckAwardable(offer.terms, offer.signature, offer.signer, target.units))
    now, coin = seconds_of(node.head().time), coin_of(offer.terms.token)
    return prepare(step.name, step.plan(AwardMoment(target, sender, now, coin, wanted)))
