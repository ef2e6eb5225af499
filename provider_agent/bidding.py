"""Whether to bid for a job, with which printer and at which terms (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from protocol.capability import Capability
from protocol.jobspec import JobSpec, unfit
from protocol.units import ZERO_ADDRESS, Address, Digest, Wei, ether_text
from provider_agent.config import Delivery, Policy
from provider_agent.errors import NoPrice, NoStock
from provider_agent.estimating import Estimate
from provider_agent.pricing import HOUR, Breakdown, Circumstances, Use, Work, price_of_work
from provider_agent.stock import Spool, allot

SHIP_SECONDS = 24 * 60 * 60
"""Between the last print and the parcel's way, where that is what counts as delivered: a person does it."""
MAKE_TIME_MARGIN = 1.25
"""Promised time over reserved time: earlier bids may be awarded late and push this one back."""


@dataclass(frozen=True)
class OpenJob:
    """A job that takes bids; `bids_close_at` epoch seconds, None while open-ended. `confidential`: it shows
    bidders measurements alone."""

    id: str
    spec: JobSpec
    salt: Digest
    digest: Digest
    bids_close_at: int | None
    confidential: bool = False


@dataclass(frozen=True)
class PrinterOffer:
    """A registered printer: `free_from(seconds)` is the first moment that leaves that much time free; it
    takes `pace` times as long as estimated."""

    serial: str
    digest: Digest
    capability: Capability
    speed_mm_s: float
    free_from: Callable[[int], int]
    pace: float = 1.0
    watts: int = 0
    spools: tuple[Spool, ...] | None = None
    """Those it may print off; None where no stock is kept."""


@dataclass(frozen=True)
class Market:
    """What the marketplace asks of every bid, and what the agent's own account allows."""

    fee_bps: int
    fee_to: Address
    arbiters: tuple[Address, ...]
    bids_last_hour: int
    free: Wei
    """Prepaid in the escrow and not yet promised as bond in another open bid."""
    load: int = 0
    """Share of the registered printers' schedules that is booked, permille."""


@dataclass(frozen=True)
class Decline:
    """Why there is no bid, for a person; `detail` is for the owner alone."""

    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Terms:
    """A bid in the making. Times: durations in seconds, `valid_until` and `starts_at` epoch seconds."""

    serial: str
    printer: Digest
    seconds: int
    starts_at: int
    price: Breakdown
    uses: tuple[Use, ...]
    valid_until: int
    make_time: int
    arbiter: Address
    fee_to: Address
    fee_bps: int

    @property
    def ends_at(self) -> int:
        """When the printer would be done."""
        return self.starts_at + self.seconds


Decision = Decline | Terms
Estimator = Callable[[JobSpec, float], Estimate]


@dataclass(frozen=True)
class Verdict:
    """What is decided, and what each printer could do: by serial, its terms or why not."""

    decision: Decision
    printers: tuple[tuple[str, Decision], ...] = ()


def weigh(
    job: OpenJob,
    printers: Sequence[PrinterOffer],
    policy: Policy,
    market: Market,
    *,
    estimate: Estimator,
    now: int,
) -> Verdict:
    """Terms for the printer that is done first, or the reason to decline. `now` is the chain's time."""
    arbiter = arbiter_of(policy, market)
    if arbiter is None:
        named = ", ".join(market.arbiters) or "none"
        return Verdict(Decline(f"None of the marketplace's arbiters ({named}) is on this provider's list."))
    if refusal := _refusal(job, policy, market, now):
        return Verdict(Decline(refusal))
    case = _Case(job, policy, market, arbiter, now)
    weighed = tuple((printer.serial, case.terms(printer, estimate)) for printer in printers)
    able = [found for _, found in weighed if isinstance(found, Terms)]
    if able:
        best = min(able, key=lambda terms: (terms.ends_at, terms.price.price, terms.serial))
        return Verdict(best, weighed)
    reasons = [f"{serial}: {found.reason}" for serial, found in weighed if isinstance(found, Decline)]
    return Verdict(Decline(" ".join(reasons) or "No printer is registered."), weighed)


def arbiter_of(policy: Policy, market: Market) -> Address | None:
    """The first arbiter both sides list; the zero address where the provider wants none; else None."""
    if not policy.arbiters:
        return ZERO_ADDRESS
    return next((arbiter for arbiter in market.arbiters if arbiter in policy.arbiters), None)


def _refusal(job: OpenJob, policy: Policy, market: Market, now: int) -> str:
    if job.spec.quantity < 1:
        return "The job asks for no units."
    if job.bids_close_at is not None and job.bids_close_at <= now:
        return "Bidding for this job is over."
    if market.bids_last_hour >= policy.max_bids_per_hour:
        return f"The limit of {policy.max_bids_per_hour} bids an hour is reached; the next is possible later."
    if market.fee_bps > policy.max_fee_bps:
        return f"The fee of {market.fee_bps / 100:g} % is above the limit of {policy.max_fee_bps / 100:g} %."
    if market.free < policy.bond_wei:
        needed, free = ether_text(policy.bond_wei), ether_text(market.free)
        return f"The bond of {needed} is not covered: {free} are free in the escrow."
    return ""


@dataclass(frozen=True)
class _Case:
    job: OpenJob
    policy: Policy
    market: Market
    arbiter: Address
    now: int

    def terms(self, printer: PrinterOffer, estimate: Estimator) -> Decision:
        if reasons := unfit(printer.capability, self.job.spec):
            return Decline(" ".join(reasons))
        made = estimate(self.job.spec, printer.speed_mm_s).at(printer.pace)
        starts_at = printer.free_from(made.seconds)
        busy = starts_at + made.seconds - self.now
        if busy > self.policy.horizon_s:
            limit = _hours(self.policy.horizon_s)
            return Decline(f"The schedule is full: ready in {_hours(busy)}, the limit is {limit}.")
        make_time = self._make_time(busy)
        valid_until = min(self.now + self.policy.valid_for_s, self.job.spec.deadline - make_time)
        if valid_until < self.now + self.policy.valid_for_s // 2:
            left = _hours(self.job.spec.deadline - self.now)
            return Decline(f"The deadline is too soon: {left} away, making takes up to {_hours(make_time)}.")
        return self._priced(printer, made, starts_at, make_time, valid_until)

    def _make_time(self, busy: int) -> int:
        """What the schedule needs, stretched to the policy's usual time as far as the deadline allows."""
        needed = self.policy.grace_time_s + ceil(busy * MAKE_TIME_MARGIN)
        if self.policy.deliver is Delivery.SHIPPED:
            needed += SHIP_SECONDS
        until_deadline = self.job.spec.deadline - self.now - self.policy.valid_for_s
        return max(needed, min(self.policy.make_time_s, until_deadline))

    def _priced(
        self, printer: PrinterOffer, made: Estimate, starts_at: int, make_time: int, valid_until: int
    ) -> Decision:
        try:
            uses = self._uses(printer, made)
            price = self._price(printer, made, uses, starts_at)
        except (NoPrice, NoStock) as error:
            return Decline(str(error))
        if price.price + self.policy.bond_wei + self.policy.dispute_fee_wei >= 2**96:
            return Decline("The price is beyond what the escrow can hold.")
        return Terms(
            serial=printer.serial,
            printer=printer.digest,
            seconds=made.seconds,
            starts_at=starts_at,
            price=price,
            uses=uses,
            valid_until=valid_until,
            make_time=make_time,
            arbiter=self.arbiter,
            fee_to=self.market.fee_to if self.market.fee_bps else ZERO_ADDRESS,
            fee_bps=self.market.fee_bps,
        )

    def _uses(self, printer: PrinterOffer, made: Estimate) -> tuple[Use, ...]:
        if printer.spools is None:
            return uses_of(self.policy, made)
        return allot(self.job.spec, printer.spools, self.policy)

    def _price(
        self, printer: PrinterOffer, made: Estimate, uses: tuple[Use, ...], starts_at: int
    ) -> Breakdown:
        spec = self.job.spec
        about = Circumstances(
            designer=spec.designer,
            confidential=self.job.confidential,
            load=self.market.load,
            slack_s=spec.deadline - starts_at - made.seconds,
        )
        work = Work(made.seconds, made.prints, uses, printer.watts)
        return price_of_work(self.policy, work, about, spec.quantity)


def uses_of(policy: Policy, made: Estimate) -> tuple[Use, ...]:
    """The material of an estimate at the policy's prices, where no stock is kept."""
    return tuple(Use(kind, used, policy.gram_price(kind)) for kind, used in made.milligrams.items())


def _hours(seconds: int) -> str:
    return f"{max(seconds, 0) / HOUR:.1f} h"
