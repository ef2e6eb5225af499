"""Which bid the dispatcher awards next under a mandate, or what it waits for. Pure: wei, epoch seconds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from marketplace.escrow.mandate_rules import MandateStatus, breaches, mandate_status, units_for
from protocol.mandate import Mandate
from protocol.statuses import JobStatus
from protocol.terms import Bid
from protocol.units import Digest, ether_text, moment_text, seconds_of

SOON, LATER = timedelta(seconds=15), timedelta(minutes=5)
"""When a mandate is looked at again: soon where nobody tells of what is missing, such as a deposit."""
REST = timedelta(minutes=10)
"""How long a bid whose award failed is passed over; twice as long after every further failure."""
LONGEST_REST = timedelta(days=1)


class DispatchStatus(StrEnum):
    """WANTED until the chain has decided for good: AWARDED, FAILED with a reason, or EXPIRED unsigned."""

    WANTED = "WANTED"
    AWARDED = "AWARDED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class Wait(StrEnum):
    """What the dispatcher waits for."""

    REVOKED = "mandate-revoked"
    EXPIRED = "mandate-expired"
    USED_UP = "mandate-used-up"
    JOB = "job-not-open"
    MEANWHILE = "changed-meanwhile"
    AWARD = "award-on-its-way"
    COLLECTING = "collecting-bids"
    BIDS = "no-bids"
    LIMITS = "outside-limits"
    UNITS = "other-units"
    FAILED_BEFORE = "failed-before"
    RESTING = "failed-just-now"
    DEPOSIT = "deposit"
    REFUSED = "refused-on-chain"
    CHAIN = "chain-not-read"


TOLD = frozenset(
    {Wait.REVOKED, Wait.EXPIRED, Wait.USED_UP, Wait.JOB, Wait.BIDS, Wait.LIMITS, Wait.FAILED_BEFORE}
)
"""What ends with a log or a bid, which makes the mandate due at once."""


@dataclass(frozen=True)
class Waiting:
    """Why nothing is awarded now, in words for the designer; `about` has the figures, wire form."""

    code: Wait
    text: str
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def look_after(self) -> timedelta:
        """How long nothing may be heard before it is looked at again all the same."""
        return LATER if self.code in TOLD else SOON

    def to_json(self) -> dict[str, Any]:
        """Wire form."""
        return {"code": self.code.value, "text": self.text, **self.about}


@dataclass(frozen=True)
class Offered:
    """An open bid. `rests_until`: its award failed; `failed_before`: its provider left this job unmade."""

    id: str
    terms: Bid
    rests_until: datetime | None = None
    failed_before: bool = False


@dataclass(frozen=True)
class Choice:
    """A bid to award, and for how many units."""

    offered: Offered
    units: int

    @property
    def price(self) -> int:
        return int(self.offered.terms.unit_price) * self.units


@dataclass(frozen=True)
class Outlook:
    """All that a choice depends on. `used`, `revoked` and `free` (the designer's) are the chain's own.

    `units_left`: of the job while it is OPEN; `offered`: best first; `now` in the chain's time.
    """

    mandate: Mandate
    now: datetime
    used: int
    revoked: bool
    free: int
    job: JobStatus
    units_left: int
    award_from: datetime | None = None
    printers: tuple[Digest, ...] = ()
    offered: tuple[Offered, ...] = ()

    @property
    def seconds(self) -> int:
        return seconds_of(self.now)

    @property
    def available(self) -> int:
        """Units that both the mandate and the job have left."""
        return max(0, min(self.mandate.units - self.used, self.units_left))


ENDED = {
    MandateStatus.REVOKED: (Wait.REVOKED, "The mandate is revoked: sign another."),
    MandateStatus.EXPIRED: (Wait.EXPIRED, "The mandate's time is over: sign another."),
    MandateStatus.USED_UP: (
        Wait.USED_UP,
        "All units of the mandate are under agreements. They come back if one is cancelled, or refunded with "
        "nothing paid.",
    ),
}


def choices(outlook: Outlook) -> tuple[Choice, ...] | Waiting:
    """The bids that may be awarded, best first; never empty. The dearest of them is not paid for by less."""
    if waiting := _not_yet(outlook):
        return waiting
    within = [each for each in outlook.offered if not _breached(outlook, each)]
    if not within:
        return _outside(outlook)
    fitting = [Choice(each, units_for(each.terms, outlook.available)) for each in within]
    fitting = [each for each in fitting if each.units]
    if not fitting:
        return Waiting(
            Wait.UNITS, f"No bid within the limits is for {outlook.available} unit(s), which are left."
        )
    return _affordable(outlook, _rested(outlook, fitting))


def _not_yet(outlook: Outlook) -> Waiting | None:
    status = mandate_status(outlook.mandate, used=outlook.used, revoked=outlook.revoked, now=outlook.seconds)
    if over := standstill(status, outlook.job):
        return over
    if outlook.award_from and outlook.now < outlook.award_from:
        until = moment_text(seconds_of(outlook.award_from))
        return Waiting(Wait.COLLECTING, f"Bids are collected until {until}, as you said.")
    if not outlook.offered:
        return Waiting(Wait.BIDS, "There is no open bid on the job.")
    return None


def standstill(status: MandateStatus, job: JobStatus) -> Waiting | None:
    """Why no bid at all could be awarded; None where one could."""
    if status in ENDED:
        return Waiting(*ENDED[status])
    if job is JobStatus.AWARDED:
        return Waiting(
            Wait.JOB, "All units of the job are under agreements. If one fails, it is awarded anew."
        )
    if job is not JobStatus.OPEN:
        return Waiting(Wait.JOB, f"The job is {job}: only bids on an OPEN job are awarded.")
    return None


def _breached(outlook: Outlook, offered: Offered) -> bool:
    return bool(breaches(outlook.mandate, offered.terms, now=outlook.seconds, printers=outlook.printers))


def _outside(outlook: Outlook) -> Waiting:
    """By the bid that ranks best: what it breaks is what the designer could allow."""
    best = outlook.offered[0]
    broken = breaches(outlook.mandate, best.terms, now=outlook.seconds, printers=outlook.printers)
    text = f"No open bid is within the limits. Of the best one {'; '.join(each.text for each in broken)}."
    terms = [{"term": each.term, "value": str(each.value), "limit": str(each.limit)} for each in broken]
    return Waiting(Wait.LIMITS, text, {"bid": best.id, "limits": terms})


def _rested(outlook: Outlook, fitting: Sequence[Choice]) -> list[Choice] | Waiting:
    trusted = [each for each in fitting if not each.offered.failed_before]
    if not trusted:
        return Waiting(
            Wait.FAILED_BEFORE,
            "The only bids within the limits are by providers who left this job unmade: award one yourself, "
            "or wait for another.",
        )
    ready = [each for each in trusted if (each.offered.rests_until or outlook.now) <= outlook.now]
    if ready:
        return ready
    first = min(each.offered.rests_until for each in trusted if each.offered.rests_until)
    return Waiting(
        Wait.RESTING,
        f"The award failed on chain; it is tried again from {moment_text(seconds_of(first))} on, or "
        "with another bid.",
    )


def _affordable(outlook: Outlook, ready: list[Choice] | Waiting) -> tuple[Choice, ...] | Waiting:
    """The best bid is waited for, rather than a worse one taken because it is cheaper."""
    if isinstance(ready, Waiting):
        return ready
    if ready[0].price > outlook.free:
        return deposit_first(ready[0], outlook.free)
    return tuple(each for each in ready if each.price <= outlook.free)


def deposit_first(choice: Choice, free: int) -> Waiting:
    """The designer's balance does not pay the best bid."""
    missing = choice.price - free
    return Waiting(
        Wait.DEPOSIT,
        f"Deposit {missing} wei ({ether_text(missing)}): the best bid within the limits costs "
        f"{ether_text(choice.price)}, and your free balance in the escrow is {ether_text(free)}.",
        {"bid": choice.offered.id, "deposit": str(missing)},
    )


def rests_until(failures: int, last: datetime | None) -> datetime | None:
    """Until when a bid is passed over whose award failed so often, the last time at `last`."""
    if not failures or last is None:
        return None
    rest: timedelta = REST * (2 ** min(failures - 1, 16))
    return last + min(rest, LONGEST_REST)
