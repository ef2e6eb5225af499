"""From logs to history: the standing after each log, and every wei's way. Pure; judges nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from auditor.calls import Call, call_of
from auditor.logs import (
    AgentSet,
    Awarded,
    Closed,
    Credited,
    Delivered,
    Disputed,
    EpochBumped,
    Log,
    MandateRevoked,
    MandateUsed,
    Paid,
    log_of,
)
from auditor.moving import Movement, Step, movements_of
from auditor.records import RawLog, Sent, Terms
from auditor.standing import Standing, after
from protocol.errors import Malformed
from protocol.units import ZERO_DIGEST, Address, Digest

NOT_OF_ONE_AGREEMENT = (AgentSet, EpochBumped, MandateRevoked)


@dataclass(frozen=True)
class History:
    """One agreement as the chain tells it.

    `problems` are logs and calls that cannot be read or belong to nothing, as (place, message).
    """

    award: Step
    awarded: Awarded
    steps: tuple[Step, ...]
    problems: tuple[tuple[str, str], ...] = field(default=())

    @property
    def terms(self) -> Terms:
        """What was agreed."""
        return self.awarded.terms

    @property
    def units(self) -> int:
        """How many."""
        return self.awarded.units

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
    def dispute(self) -> Step | None:
        """The first dispute."""
        return next((step for step in self.steps if isinstance(step.log, Disputed)), None)

    @property
    def mandate(self) -> Digest:
        """The mandate it was awarded under, or zero."""
        used = (step.log for step in self.steps if isinstance(step.log, MandateUsed))
        return next((log.mandate for log in used), ZERO_DIGEST)

    @property
    def movements(self) -> tuple[Movement, ...]:
        """All money, in order."""
        return tuple(movement for step in self.steps for movement in step.movements)


def history_of(logs: Iterable[RawLog], sent: Mapping[Digest, Sent], escrow: Address) -> History | None:
    """Fold logs in chain order. None where the award is not among those that can be read."""
    problems: list[tuple[str, str]] = []
    entries = list(_decoded(logs, problems))
    awarded = next((log for _, log in entries if isinstance(log, Awarded)), None)
    if awarded is None:
        return None
    steps: list[Step] = []
    for raw, log in entries:
        if isinstance(log, Credited):
            _credit(steps, raw, log, problems)
        elif isinstance(log, NOT_OF_ONE_AGREEMENT):
            problems.append((raw.place, f"{type(log).__name__} is about no agreement"))
        else:
            before = steps[-1].after if steps else Standing()
            standing = after(before, log, awarded.terms, raw.time)
            transaction = sent[raw.transaction]
            steps.append(Step(raw, log, transaction, _call(transaction, escrow, problems), before, standing))
    steps = [replace(step, movements=tuple(movements_of(step, awarded.terms))) for step in steps]
    award = next(step for step in steps if isinstance(step.log, Awarded))
    return History(award, awarded, tuple(steps), tuple(problems))


def _decoded(logs: Iterable[RawLog], problems: list[tuple[str, str]]) -> Iterator[tuple[RawLog, Log]]:
    for raw in sorted(logs, key=lambda log: log.order):
        try:
            yield raw, log_of(raw)
        except Malformed as error:
            problems.append((raw.place, str(error)))


def _call(sent: Sent, escrow: Address, problems: list[tuple[str, str]]) -> Call | None:
    """What the transaction asked for; None where it was not sent to the escrow itself."""
    if sent.to != escrow:
        return None
    try:
        return call_of(sent.input)
    except Malformed as error:
        problem = (f"transaction 0x{sent.digest.hex()}", str(error))
        if problem not in problems:
            problems.append(problem)
        return None


def _credit(steps: list[Step], raw: RawLog, log: Credited, problems: list[tuple[str, str]]) -> None:
    """A credit belongs to the payment or closing before it in the same transaction."""
    last = steps[-1] if steps else None
    if last and last.raw.transaction == raw.transaction and isinstance(last.log, Paid | Closed):
        steps[-1] = replace(last, credits=(*last.credits, log))
    else:
        problems.append((raw.place, f"{log.amount} wei were credited to {log.owner} without a payment"))
