"""What is stored of agreements against what it must be: rows against logs, logs against the chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.views import Agreements
from marketplace.chain.client import client
from marketplace.escrow.models import Agreement
from marketplace.escrow.rules import Standing
from marketplace.escrow.selectors import agreement_projection, agreements_logged, columns_of
from protocol.statuses import AgreementFlag
from protocol.units import digest_of


@dataclass(frozen=True)
class Difference:
    """One value that is not what it must be. `source` says against what it was held."""

    agreement: str
    source: str
    name: str
    stored: Any
    expected: Any

    def __str__(self) -> str:
        return f"{self.agreement} {self.name}: stored {self.stored}, by {self.source} it is {self.expected}"


def differences(*, ask_chain: bool) -> Iterator[Difference]:
    """Every difference, agreement by agreement. Raises LogsInconsistent, and what the chain client raises."""
    rows = {row.pk: row for row in Agreement.objects.all()}
    for agreement in sorted({*rows, *agreements_logged()}):
        projection = agreement_projection(agreement)
        columns = columns_of(projection) if projection else None
        yield from _row_against_logs(agreement, rows.get(agreement), columns)
        if projection and (held := _held_problem(projection.seen)):
            yield held
        if projection and ask_chain:
            yield from _logs_against_chain(projection.seen)


def _row_against_logs(
    agreement: str, row: Agreement | None, columns: dict[str, Any] | None
) -> Iterator[Difference]:
    if row is None or columns is None:
        if (row is None) != (columns is None):
            yield Difference(agreement, "the logs", "row", row and "present", columns and "present")
        return
    for name, expected in columns.items():
        if (stored := getattr(row, name)) != expected:
            yield Difference(agreement, "the logs", name, stored, expected)


def _held_problem(standing: Standing) -> Difference | None:
    """Money is conserved: what is closed holds nothing, what is open the unpaid and the posted."""
    rest = standing.price - standing.paid + int(standing.bid.bond) + standing.posted
    expected = rest if standing.live else 0
    if standing.held == expected:
        return None
    return Difference(standing.agreement, "its movements", "wei held", expected, standing.held)


def _logs_against_chain(standing: Standing) -> Iterator[Difference]:
    word = client().ask(Agreements(digest_of(standing.agreement)))
    for name in ("status", "clock", "price", "paid"):
        stored, expected = getattr(standing, name), getattr(word, name)
        if stored != expected:
            yield Difference(standing.agreement, "the chain", name, stored, expected)
    given_up, expected = standing.given_up_at is not None, bool(word.flags & AgreementFlag.GIVEN_UP)
    if given_up != expected:
        yield Difference(standing.agreement, "the chain", "given up", given_up, expected)
