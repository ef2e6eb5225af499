"""Agreements as a projection: rows against their logs, their logs against the contract."""

from collections.abc import Collection, Iterator
from typing import Any

from contracts.views import Agreements
from marketplace.chain.nodes import client
from marketplace.chain.parts import in_parts
from marketplace.chain.projections import Difference
from marketplace.escrow.models import Agreement
from marketplace.escrow.rules import Projection, Standing
from marketplace.escrow.selectors import (
    Links,
    agreement_projections,
    agreements_logged,
    columns_of,
    links_of,
    refusal_now,
)
from marketplace.escrow.services import agreements_project
from protocol.statuses import AgreementFlag
from protocol.units import digest_of


class AgreementProjection:
    """What `chain.projections` asks of the rows of agreements."""

    name = "agreements"

    def differences(self) -> Iterator[Difference]:
        """Each row against its logs, and the money of each against zero. Raises LogsInconsistent."""
        for some in in_parts(_everything()):
            rows = Agreement.objects.in_bulk(some)
            projections = agreement_projections(some)
            links = links_of(found for found in projections.values() if found)
            for agreement, projection in projections.items():
                columns = _expected(projection, links[agreement]) if projection else None
                yield from _row_against_logs(agreement, rows.get(agreement), columns)
                if projection:
                    yield from _early_grant(rows.get(agreement), projection)
                    yield from _held_problem(projection.seen)

    def against_chain(self) -> Iterator[Difference]:
        """Raises what the node's client raises."""
        for some in in_parts(_everything()):
            for projection in agreement_projections(some).values():
                if projection:
                    yield from _logs_against_chain(projection)

    def rebuild(self, *, subjects: Collection[str]) -> None:
        agreements_project(agreements=subjects, silent=True)


def _everything() -> set[str]:
    return {*Agreement.objects.values_list("pk", flat=True), *agreements_logged()}


def _expected(projection: Projection, links: Links) -> dict[str, Any]:
    return columns_of(projection) | {
        "bid_id": links.bid.pk if links.bid else None,
        "job_id": links.job.pk if links.job else None,
    }


def _early_grant(row: Agreement | None, projection: Projection) -> Iterator[Difference]:
    """Designs given to whom they may not be. Who may have them waits for the sweep: that is no difference."""
    if row and row.granted and refusal_now(projection):
        yield Difference(row.pk, "the logs", "granted", True, False)


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


def _held_problem(standing: Standing) -> Iterator[Difference]:
    """Money is conserved: what is closed holds nothing, what is open the unpaid and the posted."""
    rest = standing.price - standing.paid + int(standing.bid.bond) + standing.posted
    expected = rest if standing.live else 0
    if standing.held != expected:
        yield Difference(standing.agreement, "its movements", "wei held", expected, standing.held)


def _logs_against_chain(projection: Projection) -> Iterator[Difference]:
    standing = projection.seen
    word = client().ask(Agreements(digest_of(standing.agreement)))
    for name in ("status", "clock", "price", "paid"):
        stored, expected = getattr(standing, name), getattr(word, name)
        if stored != expected:
            yield Difference(standing.agreement, "the chain", name, stored, expected)
    given_up, expected = standing.given_up_at is not None, bool(word.flags & AgreementFlag.GIVEN_UP)
    if given_up != expected:
        yield Difference(standing.agreement, "the chain", "given up", given_up, expected)
