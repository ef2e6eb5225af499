"""The terms of an agreement and everything else the escrow accepts a signature for (domain PrintEscrow)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.errors import Malformed
from protocol.typed import U8, U16, U32, U40, U96, U256, AddressField, DigestField, Domain, Flag, TypedStruct
from protocol.units import ZERO_ADDRESS, Digest, Wei

DAY = 24 * 60 * 60
MAX_DURATION = 400 * DAY
MAX_FEE_BPS = 1_000
ALL_BPS = 10_000
REDEEM_WINDOW = 12 * 60 * 60
"""Seconds after a missed deadline in which a provider may still cash vouchers."""


@dataclass(frozen=True)
class Bid(TypedStruct):
    """Complete terms for one designer and job. Amounts in wei, durations in s, `valid_until` epoch s."""

    provider: AddressField
    designer: AddressField
    token: AddressField
    arbiter: AddressField
    fee_to: AddressField
    job_digest: DigestField
    printer: DigestField
    unit_price: U96
    bond: U96
    dispute_fee: U96
    min_units: U32
    max_units: U32
    valid_until: U40
    make_time: U32
    review_time: U32
    arbiter_time: U32
    grace_time: U32
    fallback_bps: U16
    fee_bps: U16
    epoch: U32
    to_ledger: Flag
    salt: U256


@dataclass(frozen=True)
class Award(TypedStruct):
    """A designer's consent to an award that somebody else sends."""

    agreement: DigestField
    units: U32
    standby: DigestField
    book: DigestField
    deadline: U40


@dataclass(frozen=True)
class Voucher(TypedStruct):
    """A designer's promise: the provider may have been paid `cumulative` wei in all."""

    agreement: DigestField
    cumulative: U96


@dataclass(frozen=True)
class Settlement(TypedStruct):
    """A split both parties agree to, bound to the status and payment it was signed at."""

    agreement: DigestField
    to_provider: U96
    paid: U96
    status: U8
    deadline: U40


def agreement_id(bid: Bid, domain: Domain) -> Digest:
    """The agreement's id: the EIP-712 digest of its bid."""
    return bid.digest(domain)


def price_of(bid: Bid, units: int) -> Wei:
    """unit price x units, in wei. Raises Malformed beyond the bid's units or 96 bits of pot."""
    if not bid.min_units <= units <= bid.max_units or units == 0:
        raise Malformed(f"the bid is for {bid.min_units} to {bid.max_units} units, not {units}", "units")
    price = bid.unit_price * units
    if not 1 <= price < 2**96:
        raise Malformed("the price must be between 1 wei and 2^96-1 wei", "unitPrice")
    if price + bid.bond + bid.dispute_fee >= 2**96:
        raise Malformed("price, bond and dispute fee together must stay below 2^96 wei", "unitPrice")
    return Wei(price)


def terms_problems(bid: Bid) -> tuple[str, ...]:
    """Why the escrow would refuse these terms as not sane; empty if it would not."""
    durations = (bid.make_time, bid.review_time, bid.arbiter_time)
    checks = (
        (
            min(durations) == 0,
            "make, review and arbiter time must be above zero",
        ),
        (
            max(durations) > MAX_DURATION,
            "no duration may exceed 400 days",
        ),
        (bid.grace_time >= bid.make_time, "the grace time must be shorter than the make time"),
        (bid.fee_bps > MAX_FEE_BPS, "the fee may be at most 10 %"),
        (bid.fallback_bps > ALL_BPS, "the fallback split may be at most 100 %"),
        (_parties_overlap(bid), "provider, designer and arbiter must be three different parties"),
        (bid.arbiter == bid.fee_to != ZERO_ADDRESS, "the arbiter may not receive the fee"),
        (bid.fee_bps > 0 and bid.fee_to == ZERO_ADDRESS, "a fee needs a receiver"),
        (bid.arbiter == ZERO_ADDRESS and bid.dispute_fee > 0, "without an arbiter there is no dispute fee"),
        (ZERO_ADDRESS in (bid.provider, bid.designer), "provider and designer must be named"),
    )
    return tuple(text for wrong, text in checks if wrong)


def _parties_overlap(bid: Bid) -> bool:
    return len({bid.provider, bid.designer, bid.arbiter}) < 3
