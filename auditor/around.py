"""What other logs say of the people an agreement depends on: hot keys, epochs, mandates. Pure."""

from collections.abc import Iterator

from auditor.case import Case
from auditor.logs import AgentSet, EpochBumped, Log, MandateRevoked, MandateUsed, log_of
from auditor.rebuild import History
from auditor.records import RawLog
from protocol.errors import Malformed
from protocol.units import Address, Digest


def key_at(case: Case, history: History, key: Address, moment: RawLog) -> AgentSet | None:
    """A hot key of the provider as last set before a log; None where it was over by then, or never set."""
    found = None
    for log in _before(case, moment):
        if isinstance(log, AgentSet) and log.key == key and _is_providers(log, history):
            found = log
    return found if found and found.until >= moment.time else None


def epoch_at(case: Case, history: History, moment: RawLog) -> int:
    """The provider's epoch before a log."""
    bumps = [
        log for log in _before(case, moment) if isinstance(log, EpochBumped) and _is_providers(log, history)
    ]
    return bumps[-1].epoch if bumps else 0


def mandate_at(case: Case, mandate: Digest, moment: RawLog) -> tuple[int, bool]:
    """Units used of a mandate before a log, and whether it was revoked."""
    used, revoked = 0, False
    for log in _before(case, moment):
        if isinstance(log, MandateUsed) and log.mandate == mandate:
            used = log.used
        elif isinstance(log, MandateRevoked) and log.mandate == mandate:
            revoked = True
    return used, revoked


def _is_providers(log: AgentSet | EpochBumped, history: History) -> bool:
    owner = log.provider if isinstance(log, AgentSet) else log.owner
    return (log.token, owner) == (history.terms.token, history.terms.provider)


def _before(case: Case, moment: RawLog) -> Iterator[Log]:
    """Logs before this one that can be read, in chain order."""
    for raw in sorted(case.node.around, key=lambda log: log.order):
        if raw.order < moment.order:
            try:
                yield log_of(raw)
            except Malformed:
                continue
