"""What the logs of one agreement say: a pure fold, so that a rewind and a fresh follow give the same rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from protocol.errors import InfillError
from protocol.statuses import AgreementStatus, How
from protocol.terms import REDEEM_WINDOW, Bid
from protocol.units import ZERO_DIGEST, hex_of, time_of

HOWS = tuple(How)
NO_STANDBY = hex_of(ZERO_DIGEST)


class LogsInconsistent(InfillError):
    """Stored logs that the contract cannot have emitted in this order: some are missing or foreign."""

    code = "logs-inconsistent"


class What(StrEnum):
    """Why money went into or out of an agreement."""

    PRICE = "PRICE"
    BOND = "BOND"
    DISPUTE_FEE = "DISPUTE_FEE"
    TAKEN_OVER = "TAKEN_OVER"
    PAYMENT = "PAYMENT"
    FEE = "FEE"
    REFUND = "REFUND"
    BOND_BACK = "BOND_BACK"
    ARBITER = "ARBITER"
    HANDED_OVER = "HANDED_OVER"


Move = tuple[What, str, int]
"""Why, from or to whom, and how much."""
INTO_ESCROW = frozenset({What.PRICE, What.BOND, What.DISPUTE_FEE, What.TAKEN_OVER})


@dataclass(frozen=True)
class Entry:
    """One decoded log of an agreement: `args` as the ABI names them, `time` in epoch seconds.

    `taken_from` is, for the award of a standby, the agreement whose units it takes over.
    """

    name: str
    args: Mapping[str, Any]
    block: int
    log_index: int
    time: int
    transaction: str
    final: bool
    taken_from: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the chain's order."""
        return (self.block, self.log_index)


@dataclass(frozen=True)
class Movement:
    """Wei that went into the agreement (from `party`) or out of it (to `party`).

    The party of what a standby takes over is the other agreement, by its id.
    """

    what: What
    party: str
    amount: int
    transaction: str
    block: int
    final: bool


@dataclass(frozen=True)
class Standing:
    """Where an agreement stands after some of its logs. Wei as ints, times in epoch seconds."""

    agreement: str
    bid: Bid
    units: int
    standby: str
    book: str
    transaction: str
    block: int
    awarded_at: int
    status: AgreementStatus
    how: How
    clock: int
    paid: int
    head: str | None = None
    given_up_at: int | None = None
    movements: tuple[Movement, ...] = field(default=())

    @property
    def price(self) -> int:
        """unitPrice x units."""
        return int(self.bid.unit_price) * self.units

    @property
    def live(self) -> bool:
        """Whether the escrow still holds money for it."""
        return self.status is not AgreementStatus.CLOSED

    @property
    def made(self) -> bool:
        """Whether it closed with its price paid in full."""
        return not self.live and self.paid == self.price

    @property
    def posted(self) -> int:
        """Wei of the dispute fee that the escrow holds."""
        return int(self.bid.dispute_fee) if self.status is AgreementStatus.DISPUTED else 0

    @property
    def held(self) -> int:
        """Wei the escrow holds for it: what came in less what went out."""
        return sum(m.amount if m.what in INTO_ESCROW else -m.amount for m in self.movements)


@dataclass(frozen=True)
class Projection:
    """An agreement as its stored logs show it: by all of them, and by the final ones alone."""

    seen: Standing
    final: Standing | None
    settled: bool  # every log is final

    @property
    def final_status(self) -> AgreementStatus:
        """The status that no reorganisation can take back."""
        return self.final.status if self.final else AgreementStatus.NONE


@dataclass(frozen=True)
class Deadlines:
    """Epoch seconds; None where the status has no such deadline.

    `grace_until`, `deliver_by`, `review_until`, `rule_until` are last seconds; `refund_from`, `claim_from`,
    `expire_from` first ones.
    """

    grace_until: int
    deliver_by: int | None = None
    refund_from: int | None = None
    review_until: int | None = None
    claim_from: int | None = None
    rule_until: int | None = None
    expire_from: int | None = None


def project(entries: Iterable[Entry]) -> Projection | None:
    """Project an agreement's logs, given in any order. None if its award is not among them.

    Raises LogsInconsistent.
    """
    ordered = sorted(entries, key=lambda entry: entry.place)
    seen = fold(ordered)
    if seen is None:
        return None
    settled = all(entry.final for entry in ordered)
    final = seen if settled else fold([entry for entry in ordered if entry.final])
    return Projection(seen=seen, final=final, settled=settled)


def fold(ordered: Sequence[Entry]) -> Standing | None:
    """Fold logs that are in chain order. None if the award is not among them. Raises LogsInconsistent."""
    standing: Standing | None = None
    for entry in ordered:
        if entry.name == "Awarded":
            if standing is not None:
                raise _inconsistent(standing.agreement, entry, "it was awarded before")
            standing = _awarded(entry)
        elif standing is not None:
            standing = _STEPS[entry.name](standing, entry)
    return standing


def _awarded(entry: Entry) -> Standing:
    args, bid = entry.args, Bid.from_json(dict(entry.args["bid"]))
    units = int(args["units"])
    standing = Standing(
        agreement=args["agreement"],
        bid=bid,
        units=units,
        standby=args["standby"],
        book=args["book"],
        transaction=entry.transaction,
        block=entry.block,
        awarded_at=entry.time,
        status=AgreementStatus.AWARDED,
        how=How.OPEN,
        clock=entry.time,
        paid=0,
    )
    price: Move = (What.PRICE, bid.designer, standing.price)
    if entry.taken_from:
        price = (What.TAKEN_OVER, entry.taken_from, standing.price)
    return _moved(standing, entry, price, (What.BOND, bid.provider, int(bid.bond)))


def _delivered(standing: Standing, entry: Entry) -> Standing:
    if standing.status is not AgreementStatus.AWARDED:
        raise _inconsistent(standing.agreement, entry, f"it is {standing.status}")
    return replace(standing, status=AgreementStatus.DELIVERED, clock=entry.time, head=entry.args["head"])


def _disputed(standing: Standing, entry: Entry) -> Standing:
    _require_live(standing, entry)
    bid = standing.bid
    standing = replace(standing, status=AgreementStatus.DISPUTED, clock=entry.time)
    return _moved(standing, entry, (What.DISPUTE_FEE, bid.designer, int(bid.dispute_fee)))


def _gave_up(standing: Standing, entry: Entry) -> Standing:
    _require_live(standing, entry)
    return replace(standing, given_up_at=entry.time)


def _standby_dropped(standing: Standing, entry: Entry) -> Standing:
    _require_live(standing, entry)
    return replace(standing, standby=NO_STANDBY)


def _paid(standing: Standing, entry: Entry) -> Standing:
    paid, fee, how = int(entry.args["paid"]), int(entry.args["fee"]), how_of(entry.args["how"])
    _require_live(standing, entry)
    if not standing.paid < paid <= standing.price:
        raise _inconsistent(standing.agreement, entry, f"{standing.paid} of {standing.price} wei are paid")
    payment: Move = (What.PAYMENT, standing.bid.provider, paid - standing.paid - fee)
    moves: list[Move] = [payment, (What.FEE, standing.bid.fee_to, fee)]
    standing = replace(standing, paid=paid)
    if how is not How.OPEN:
        moves.append((What.BOND_BACK, standing.bid.provider, int(standing.bid.bond)))
        moves.append((What.REFUND, standing.bid.designer, standing.posted))
        standing = _closed_as(standing, entry, how)
    return _moved(standing, entry, *moves)


def _closed(standing: Standing, entry: Entry) -> Standing:
    _require_live(standing, entry)
    bid, args, how = standing.bid, entry.args, how_of(entry.args["how"])
    to_provider, fee, to_designer = int(args["toProvider"]), int(args["fee"]), int(args["toDesigner"])
    moves: list[Move] = [
        (What.PAYMENT, bid.provider, to_provider - fee),
        (What.FEE, bid.fee_to, fee),
        (What.REFUND, bid.designer, to_designer),
        (What.BOND_BACK, bid.provider, int(args["bondBack"])),
    ]
    if how is How.RULED:
        moves.append((What.ARBITER, bid.arbiter, standing.posted))
    elif how is How.REAWARDED:
        moves.append((What.HANDED_OVER, standing.standby, standing.held - to_designer))
    standing = replace(standing, paid=standing.paid + to_provider)
    return _moved(_closed_as(standing, entry, how), entry, *moves)


def _unmoved(standing: Standing, entry: Entry) -> Standing:
    """Says how a payment arrived, or counts a mandate's units: where the agreement stands, other logs say."""
    return standing


_STEPS = {
    "Delivered": _delivered,
    "Disputed": _disputed,
    "GaveUp": _gave_up,
    "StandbyDropped": _standby_dropped,
    "Paid": _paid,
    "Closed": _closed,
    "Credited": _unmoved,
    "MandateUsed": _unmoved,
}
LOG_NAMES = ("Awarded", *_STEPS)


def _closed_as(standing: Standing, entry: Entry, how: How) -> Standing:
    return replace(standing, status=AgreementStatus.CLOSED, how=how, clock=entry.time)


def _moved(standing: Standing, entry: Entry, *moves: Move) -> Standing:
    made = tuple(
        Movement(what, str(party), amount, entry.transaction, entry.block, entry.final)
        for what, party, amount in moves
        if amount
    )
    return replace(standing, movements=standing.movements + made)


def _require_live(standing: Standing, entry: Entry) -> None:
    if not standing.live:
        raise _inconsistent(standing.agreement, entry, "it is closed")


def _inconsistent(agreement: str, entry: Entry, reason: str) -> LogsInconsistent:
    return LogsInconsistent(
        f"{entry.name} at block {entry.block}, log {entry.log_index} does not fit agreement {agreement}: "
        f"{reason}. Follow the chain again from the deployment block."
    )


def how_of(value: Any) -> How:
    """A How from the contract's number, or from its name."""
    return How(value) if isinstance(value, str) and not value.isdecimal() else HOWS[int(value)]


def deadlines_of(standing: Standing) -> Deadlines:
    """The deadlines that run now. A deadline's own second belongs to the earlier side."""
    bid, grace_until = standing.bid, standing.awarded_at + standing.bid.grace_time
    if standing.status is AgreementStatus.AWARDED and standing.given_up_at is not None:
        return Deadlines(grace_until, refund_from=standing.given_up_at)
    if standing.status is AgreementStatus.AWARDED:
        deliver_by = standing.clock + bid.make_time
        return Deadlines(grace_until, deliver_by=deliver_by, refund_from=deliver_by + REDEEM_WINDOW + 1)
    if standing.status is AgreementStatus.DELIVERED:
        review_until = standing.clock + bid.review_time
        return Deadlines(grace_until, review_until=review_until, claim_from=review_until + 1)
    if standing.status is AgreementStatus.DISPUTED:
        rule_until = standing.clock + bid.arbiter_time
        return Deadlines(grace_until, rule_until=rule_until, expire_from=rule_until + 1)
    return Deadlines(grace_until)


def grant_refusal(projection: Projection, *, waived: bool, final_time: int) -> str | None:
    """Why the winner may not have the designs yet, in words for a person; None if it may.

    `final_time` is the time of the newest final block: every later block is later, so none can hold a cancel.
    """
    standing = projection.seen
    if not standing.live and not standing.made:
        return f"The agreement is closed ({standing.how})."
    if standing.given_up_at is not None:
        return "The provider gave up."
    if projection.final is None:
        return "The award is not final yet: wait for the chain to finalise its block."
    if waived or not standing.bid.grace_time or final_time > deadlines_of(standing).grace_until:
        return None
    until = time_of(deadlines_of(standing).grace_until).isoformat()
    return f"The grace time runs until {until}: wait for its end, or ask the designer to waive it."
