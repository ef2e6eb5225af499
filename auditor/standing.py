"""Where an agreement stands, and what each log makes of that. Pure; judges nothing."""

from dataclasses import dataclass, replace

from auditor.logs import (
    Awarded,
    Closed,
    Delivered,
    Disputed,
    GaveUp,
    Happening,
    MandateUsed,
    Paid,
    StandbyDropped,
)
from auditor.records import Terms
from protocol.units import ZERO_DIGEST, Digest

REFUND_TO_LEDGER = 1
GIVEN_UP = 2


@dataclass(frozen=True)
class Standing:
    """Where the agreement stands. `clock` is when the status began; `standby` the bid that is still named.

    `posted` is the dispute fee that the escrow holds.
    """

    status: str = "NONE"
    how: str = "OPEN"
    clock: int = 0
    price: int = 0
    paid: int = 0
    flags: int = 0
    standby: Digest = ZERO_DIGEST
    posted: int = 0

    @property
    def open(self) -> bool:
        """Whether the escrow holds its money."""
        return self.status in ("AWARDED", "DELIVERED", "DISPUTED")

    @property
    def to_ledger(self) -> bool:
        """Whether what goes back to the designer becomes its free balance: an award under a mandate."""
        return bool(self.flags & REFUND_TO_LEDGER)

    @property
    def given_up(self) -> bool:
        """Whether the provider said that it will not deliver."""
        return bool(self.flags & GIVEN_UP)

    def rest(self, terms: Terms) -> int:
        """Wei that a closing divides."""
        return self.price - self.paid + terms.bond + self.posted

    def held(self, terms: Terms) -> int:
        """Wei that the escrow holds for it."""
        return self.rest(terms) if self.open else 0


def after(before: Standing, log: Happening, terms: Terms, time: int) -> Standing:
    """The standing that a log leaves behind. `time` is that of its block."""
    made = before
    match log:
        case Awarded():
            price, flags = log.terms.unit_price * log.units, before.flags & REFUND_TO_LEDGER
            made = Standing("AWARDED", clock=time, price=price, flags=flags, standby=log.standby)
        case MandateUsed() if before.status == "NONE":
            made = replace(before, flags=before.flags | REFUND_TO_LEDGER)
        case Delivered():
            made = replace(before, status="DELIVERED", clock=time)
        case Disputed():
            made = replace(before, status="DISPUTED", clock=time, posted=terms.dispute_fee)
        case GaveUp():
            made = replace(before, flags=before.flags | GIVEN_UP)
        case StandbyDropped():
            made = replace(before, standby=ZERO_DIGEST)
        case Paid(how="OPEN"):
            made = replace(before, paid=log.paid)
        case Paid():
            made = replace(before, status="CLOSED", how=log.how, clock=time, paid=log.paid)
        case Closed():
            paid = before.paid + log.to_provider
            made = replace(before, status="CLOSED", how=log.how, clock=time, paid=paid)
    return made
