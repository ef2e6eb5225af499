"""Every wei's way: what a step moved, between whom, and by which way. Pure; judges nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.calls import Call
from auditor.logs import Awarded, Closed, Credited, Disputed, Happening, Log, Paid, log_of
from auditor.records import RawLog, Sent, Terms
from auditor.standing import Standing
from protocol.errors import Malformed
from protocol.units import ZERO_ADDRESS, Digest

ESCROW = "escrow"
FREE = "free balance"
SENT = "sent"
FEE = "fee"


@dataclass(frozen=True)
class Movement:
    """`amount` wei from a party into the escrow, or out of it to a party, and by which way."""

    why: str
    source: str
    target: str
    amount: int
    way: str


@dataclass(frozen=True)
class Step:
    """One log, the transaction that made it, the standing before and after, and the money it moved.

    `call` is None where the transaction was not sent to the escrow itself. `credits` are the Credited logs
    that belong to it: what of its money went to free balances.
    """

    raw: RawLog
    log: Happening
    sent: Sent
    call: Call | None
    before: Standing
    after: Standing
    credits: tuple[Credited, ...] = ()
    movements: tuple[Movement, ...] = ()

    @property
    def how(self) -> str:
        """How it closed the agreement, OPEN if it did not."""
        return self.log.how if isinstance(self.log, Paid | Closed) else "OPEN"

    @property
    def credited(self) -> Counter[str]:
        """Wei that became free balances, by owner."""
        total: Counter[str] = Counter()
        for credit in self.credits:
            total[credit.owner] += credit.amount
        return total

    @property
    def taken_from(self) -> Closed | None:
        """For the award of a standby: the closing of the agreement that failed, right before it."""
        found = self._beside(-1)
        return found if isinstance(found, Closed) and found.how == "REAWARDED" else None

    @property
    def handed_to(self) -> Awarded | None:
        """For a closing as REAWARDED: the award of the standby, right after it."""
        found = self._beside(1)
        return found if isinstance(found, Awarded) else None

    def _beside(self, distance: int) -> Log | None:
        """The escrow's log so many places on in the same transaction."""
        place = self.raw.log_index + distance
        raw = next((log for log in self.sent.logs if log.log_index == place), None)
        try:
            return None if raw is None else log_of(raw)
        except Malformed:
            return None


def agreement_name(agreement: Digest) -> str:
    """An agreement as a party of a movement."""
    return f"agreement 0x{agreement.hex()}"


def movements_of(step: Step, terms: Terms) -> Iterator[Movement]:
    """What a step moved; nothing of no amount."""
    found: Iterator[Movement] = iter(())
    match step.log:
        case Awarded():
            found = _award(step, terms)
        case Disputed():
            found = iter(
                [Movement("dispute fee", terms.designer, ESCROW, terms.dispute_fee, _way_in(step, terms))]
            )
        case Paid():
            found = _payment(step, terms, step.log)
        case Closed():
            found = _closing(step, terms, step.log)
    yield from (movement for movement in found if movement.amount)


def _award(step: Step, terms: Terms) -> Iterator[Movement]:
    failed = step.taken_from
    source = agreement_name(failed.agreement) if failed else terms.designer
    yield Movement(
        "price", source, ESCROW, step.after.price, "taken over" if failed else _way_in(step, terms)
    )
    yield Movement("bond", terms.provider, ESCROW, terms.bond, FREE)


def _way_in(step: Step, terms: Terms) -> str:
    """How a designer's money came in."""
    if step.before.to_ledger and step.before.status == "NONE":
        return FREE
    if step.call is None:
        return "through a contract"
    if step.call.arguments.get("from_ledger") or step.call.function in ("awardFor", "awardUnder"):
        return FREE
    return "value sent" if terms.token == ZERO_ADDRESS else "allowance"


def _payment(step: Step, terms: Terms, log: Paid) -> Iterator[Movement]:
    closes = log.how != "OPEN"
    gross, bond = log.paid - step.before.paid, terms.bond if closes else 0
    yield from _to_provider(step, terms, gross, log.fee, bond)
    yield from _to_designer(step, terms, "dispute fee back", step.before.posted if closes else 0)


def _closing(step: Step, terms: Terms, log: Closed) -> Iterator[Movement]:
    yield from _to_provider(step, terms, log.to_provider, log.fee, log.bond_back)
    yield from _to_designer(step, terms, "refund", log.to_designer)
    if log.how == "RULED":
        way = FREE if step.credited[terms.arbiter] else SENT
        yield Movement("dispute fee", ESCROW, terms.arbiter, step.before.posted, way)
    standby = step.handed_to if log.how == "REAWARDED" else None
    if standby:
        price = standby.terms.unit_price * standby.units
        yield Movement("price", ESCROW, agreement_name(standby.agreement), price, "taken over")


def _to_provider(step: Step, terms: Terms, gross: int, fee: int, bond: int) -> Iterator[Movement]:
    """Pushed, unless the terms say otherwise or more was credited than the bond."""
    free = terms.to_ledger or step.credited[terms.provider] > bond
    yield Movement("payment", ESCROW, terms.provider, gross - fee, FREE if free else SENT)
    yield Movement(FEE, ESCROW, terms.fee_to, fee, FREE)
    yield Movement("bond back", ESCROW, terms.provider, bond, FREE)


def _to_designer(step: Step, terms: Terms, why: str, amount: int) -> Iterator[Movement]:
    free = step.before.to_ledger or step.credited[terms.designer]
    yield Movement(why, ESCROW, terms.designer, amount, FREE if free else SENT)
