"""What makes a bid acceptable, from its own terms alone. Pure: times are epoch seconds, amounts wei."""

from dataclasses import dataclass

from marketplace.bidding.errors import (
    BidEpoch,
    BidExpired,
    BidForeignChain,
    BidKeyBond,
    BidKeyNotSet,
    BidOtherDesigner,
    BidTerms,
    BidWrongJob,
    BidWrongSigner,
)
from marketplace.bidding.void_rules import Authority, HotKey, Void, void_of
from protocol.errors import Malformed
from protocol.signatures import recover
from protocol.terms import MAX_DURATION, Bid, agreement_id, price_of, terms_problems
from protocol.typed import Domain, escrow_domain, infill_domain
from protocol.units import ZERO_ADDRESS, Address, Digest

FOREIGN_CHAINS = (1, 10, 100, 137, 1337, 8453, 31337, 42161, 11155111)
"""Chains an agent is likely to have signed for by mistake; only the wording of a refusal depends on them."""


@dataclass(frozen=True)
class Market:
    """What this marketplace deals in; an empty `arbiters` means agreements without one."""

    domain: Domain
    arbiters: frozenset[str]
    fee_bps: int
    fee_to: str

    @property
    def infill(self) -> Domain:
        """The domain of what is never sent to a contract: receipts and books."""
        return infill_domain(self.domain.chain_id, self.domain.contract)


@dataclass(frozen=True)
class Wanted:
    """What a bid must answer: whose job, which spec, how many units."""

    designer: str
    job_digest: Digest
    quantity: int


def signer_check(bid: Bid, *, signature: bytes, signer: Address, person: str, domain: Domain) -> None:
    """Signed for this chain by whom it names, and sent by its provider. Whether a signer that is not the
    provider may sign for it, `authority_check` says.

    Raises BidWrongSigner, BidForeignChain, SignatureInvalid.
    """
    if recover(agreement_id(bid, domain), signature) != signer:
        _foreign_check(bid, signature, signer, domain)
        raise BidWrongSigner(
            f"The signature is not {signer}'s over these terms: another key signed, or a term changed "
            "afterwards. Sign the exact terms you send with the provider's key, or with its hot key and name "
            "that as the signer."
        )
    if bid.provider != person:
        raise BidWrongSigner(
            f"You are signed in as {person}, and the bid is {bid.provider}'s: a bid is sent by its provider, "
            "whoever of its keys signed it."
        )


def _foreign_check(bid: Bid, signature: bytes, signer: Address, domain: Domain) -> None:
    for chain_id in FOREIGN_CHAINS:
        if recover(agreement_id(bid, escrow_domain(chain_id, domain.contract)), signature) == signer:
            raise BidForeignChain(
                f"The bid is signed for chain {chain_id}, but this marketplace settles on {domain.chain_id}. "
                "Set the agent's chain_id and sign again."
            )


def authority_check(bid: Bid, signer: Address, held: Authority, *, now: int) -> None:
    """The escrow would bind it, as far as its logs were read. Raises BidKeyNotSet, BidKeyBond, BidEpoch."""
    key, void = held.key or HotKey(), void_of(bid, held, now)
    seen = "If you just changed that, send the bid again once its block was read here."
    if void is Void.SIGNER:
        raise BidKeyNotSet(
            f"{signer} is no live hot key of {bid.provider} on chain: set it with the step `set-agent`, or "
            f"sign with the provider's own key. {seen}"
        )
    if void is Void.BOND:
        raise BidKeyBond(
            f"The hot key {signer} may lock {key.bond_left} wei more, the bid's bond is {bid.bond}: renew it "
            f"with the step `set-agent`, or lower the bond. {seen}"
        )
    if void is Void.EPOCH:
        raise BidEpoch(
            f"The bid is of epoch {bid.epoch}, the provider is in epoch {held.epoch} on chain: sign with "
            f"that. {seen}"
        )


def wanted_check(bid: Bid, wanted: Wanted) -> None:
    """The bid answers this job. Raises BidOtherDesigner, BidWrongJob, BidTerms."""
    if bid.designer != wanted.designer:
        raise BidOtherDesigner(f"The bid is for {bid.designer}; this job is {wanted.designer}'s.")
    if bid.job_digest != wanted.job_digest:
        raise BidWrongJob(
            "The bid's jobDigest is not this job's: fetch the spec again and sign over its digest."
        )
    try:
        price_of(bid, wanted.quantity)
    except Malformed as error:
        raise BidTerms(f"The job is for {wanted.quantity} units: {error}.") from error


def terms_check(bid: Bid, *, market: Market, now: int) -> None:
    """The escrow would take these terms and the marketplace deals in them. Raises BidExpired, BidTerms."""
    if bid.valid_until <= now:
        raise BidExpired(
            f"The bid was valid until {bid.valid_until}, it is {now} now: sign one that lasts longer."
        )
    problems = [*terms_problems(bid), *_market_problems(bid, market)]
    if bid.valid_until > now + MAX_DURATION:
        problems.append("validUntil may be at most 400 days away")
    if problems:
        raise BidTerms(f"These terms cannot be awarded: {'; '.join(problems)}.", {"bid": problems})


def _market_problems(bid: Bid, market: Market) -> list[str]:
    fee_to = market.fee_to if market.fee_bps else ZERO_ADDRESS
    checks = (
        (bid.token != ZERO_ADDRESS, "this marketplace settles in the chain's own coin: token must be zero"),
        (bid.arbiter not in (market.arbiters or {ZERO_ADDRESS}), _arbiter_text(market)),
        (bid.fee_bps != market.fee_bps, f"feeBps must be {market.fee_bps}"),
        (bid.fee_to not in {market.fee_to, fee_to}, f"feeTo must be {fee_to}"),
    )
    return [text for wrong, text in checks if wrong]


def _arbiter_text(market: Market) -> str:
    if not market.arbiters:
        return "this marketplace has no arbiter: arbiter must be zero"
    return f"the arbiter must be one of {', '.join(sorted(market.arbiters))}"
