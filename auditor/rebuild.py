"""From logs to history: the status after each log, and every wei's way. Pure; judges nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from auditor.logs import AwardCall, Awarded, Closed, Credited, Delivered, Log, Paid, award_call_of, log_of
from auditor.records import RawLog, Sent, Terms
from protocol.errors import Malformed
from protocol.units import ZERO_DIGEST, Address, Digest

ESCROW = "escrow"
FREE = "free balance"


@dataclass(frozen=True)
class Standing:
    """Where the agreement stands. `clock` is when the status began."""

    status: str = "NONE"
    how: str = "OPEN"
    clock: int = 0
    price: int = 0
    paid: int = 0

    @property
    def open(self) -> bool:
        """Whether the escrow holds its money."""
        return self.status in ("AWARDED", "DELIVERED")


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

    `credits` are the Credited logs that belong to it: what of its money went to free balances.
    """

    raw: RawLog
    log: Awarded | Paid | Delivered | Closed
    sent: Sent
    before: Standing
    after: Standing
    credits: tuple[Credited, ...] = ()
    movements: tuple[Movement, ...] = ()

    @property
    def credited(self) -> Counter[str]:
        """Wei that became free balances, by owner."""
        total: Counter[str] = Counter()
        for credit in self.credits:
            total[credit.owner] += credit.amount
        return total


@dataclass(frozen=True)
class History:
    """One agreement as the chain tells it. `call` is None where the award was not sent to the escrow itself.

    `problems` are logs that cannot be read or belong to nothing, as (place, message).
    """

    award: Step
    terms: Terms
    units: int
    call: AwardCall | None
    steps: tuple[Step, ...]
    problems: tuple[tuple[str, str], ...] = field(default=())

    @property
    def standing(self) -> Standing:
        """Where the agreement stands after all logs."""
        return self.steps[-1].after

    @property
    def delivery(self) -> Step | None:
        """The first delivery."""
        return next((step for step in self.steps if isinstance(step.log, Delivered)), None)

    @property
    def head(self) -> Digest:
        """The head of the provider's evidence log on chain; zero without a delivery."""
        delivery = self.delivery
        return delivery.log.head if delivery and isinstance(delivery.log, Delivered) else ZERO_DIGEST

    @property
    def movements(self) -> tuple[Movement, ...]:
        """All money, in order."""
        return tuple(movement for step in self.steps for movement in step.movements)


def history_of(logs: Iterable[RawLog], sent: Mapping[Digest, Sent], escrow: Address) -> History | None:
    """Fold logs in chain order. None where the award is not among those that can be read."""
    problems: list[tuple[str, str]] = []
    entries = list(_decoded(logs, problems))
    awards = [log for _, log in entries if isinstance(log, Awarded)]
    if not awards:
        return None
    steps: list[Step] = []
    for raw, log in entries:
        if isinstance(log, Credited):
            _credit(steps, raw, log, problems)
        else:
            before = steps[-1].after if steps else Standing()
            after = _next(before, log, raw.time)
            steps.append(Step(raw, log, sent[raw.transaction], before, after))
    terms = awards[0].terms
    award = next(step for step in steps if isinstance(step.log, Awarded))
    call = _call(award.sent, escrow, problems)
    steps = [replace(step, movements=tuple(_movements(step, terms, call))) for step in steps]
    return History(award, terms, awards[0].units, call, tuple(steps), tuple(problems))


def _decoded(logs: Iterable[RawLog], problems: list[tuple[str, str]]) -> Iterator[tuple[RawLog, Log]]:
    for raw in sorted(logs, key=lambda log: (log.block, log.log_index)):
        try:
            yield raw, log_of(raw)
        except Malformed as error:
            problems.append((raw.place, str(error)))


def _call(sent: Sent, escrow: Address, problems: list[tuple[str, str]]) -> AwardCall | None:
    if sent.to != escrow:
        return None
    try:
        return award_call_of(sent.input)
    except Malformed as error:
        problems.append((f"transaction 0x{sent.digest.hex()}", str(error)))
        return None


def _credit(steps: list[Step], raw: RawLog, log: Credited, problems: list[tuple[str, str]]) -> None:
    """A credit belongs to the payment or closing before it in the same transaction."""
    last = steps[-1] if steps else None
    if last and last.raw.transaction == raw.transaction and isinstance(last.log, Paid | Closed):
        steps[-1] = replace(last, credits=(*last.credits, log))
    else:
        problems.append((raw.place, f"{log.amount} wei were credited to {log.owner} without a payment"))


def _next(before: Standing, log: Awarded | Paid | Delivered | Closed, time: int) -> Standing:
    if isinstance(log, Awarded):
        return Standing("AWARDED", clock=time, price=log.terms.unit_price * log.units)
    if isinstance(log, Delivered):
        return replace(before, status="DELIVERED", clock=time)
    if isinstance(log, Paid):
        paid = replace(before, paid=log.paid)
        closed = replace(paid, status="CLOSED", how=log.how, clock=time)
        return paid if log.how == "OPEN" else closed
    total = before.paid + log.to_provider
    return replace(before, status="CLOSED", how=log.how, clock=time, paid=total)


def _movements(step: Step, terms: Terms, call: AwardCall | None) -> Iterator[Movement]:
    log = step.log
    if isinstance(log, Awarded):
        way = "through a contract" if call is None else FREE if call.from_ledger else "value sent"
        yield Movement("price", log.designer, ESCROW, step.after.price, way)
        found = [Movement("bond", log.provider, ESCROW, terms.bond, FREE)]
    elif isinstance(log, Paid):
        found = list(_payment(step, terms, log))
    elif isinstance(log, Closed):
        found = list(_closing(step, terms, log))
    else:
        found = []
    yield from (movement for movement in found if movement.amount)


def _payment(step: Step, terms: Terms, log: Paid) -> Iterator[Movement]:
    gross = log.paid - step.before.paid
    bond = 0 if log.how == "OPEN" else terms.bond
    credited = FREE if terms.to_ledger else _way(step, terms.provider, bond, terms, log.fee)
    yield Movement("payment", ESCROW, terms.provider, gross - log.fee, credited)
    yield Movement("fee", ESCROW, terms.fee_to, log.fee, FREE)
    yield Movement("bond back", ESCROW, terms.provider, bond, FREE)


def _closing(step: Step, terms: Terms, log: Closed) -> Iterator[Movement]:
    payment = FREE if terms.to_ledger else _way(step, terms.provider, log.bond_back, terms, log.fee)
    yield Movement("payment", ESCROW, terms.provider, log.to_provider - log.fee, payment)
    yield Movement("fee", ESCROW, terms.fee_to, log.fee, FREE)
    yield Movement("bond back", ESCROW, terms.provider, log.bond_back, FREE)
    refund = _way(step, terms.designer, 0, terms, log.fee)
    yield Movement("refund", ESCROW, terms.designer, log.to_designer, refund)


def _way(step: Step, owner: Address, bond: int, terms: Terms, fee: int) -> str:
    """Pushed, unless more was credited to the owner than what always is: bond and fee."""
    always = bond + (fee if owner == terms.fee_to else 0)
    return FREE if step.credited[owner] > always else "sent"
