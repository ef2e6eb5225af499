"""Mandates as a projection: what is used and revoked against their logs, their logs against the contract."""

from collections.abc import Collection, Iterator

from contracts.views import Mandates
from marketplace.chain.nodes import client
from marketplace.chain.projections import Difference
from marketplace.escrow.mandate_selectors import Use, mandate_uses
from marketplace.escrow.mandates import mandates_project
from marketplace.escrow.models import Mandate
from protocol.units import digest_of


class MandateProjection:
    """What `chain.projections` asks of the rows of mandates. Their other columns are what was signed."""

    name = "mandates"

    def differences(self) -> Iterator[Difference]:
        """Each row against its logs."""
        rows = Mandate.objects.in_bulk()
        for mandate, expected in mandate_uses(rows.keys()).items():
            stored = Use(rows[mandate].used, rows[mandate].revoked)
            yield from _differing(mandate, "the logs", stored, expected)

    def against_chain(self) -> Iterator[Difference]:
        """Raises what the node's client raises."""
        for mandate, stored in mandate_uses(Mandate.objects.in_bulk().keys()).items():
            word = client().ask(Mandates(digest_of(mandate)))
            yield from _differing(mandate, "the chain", stored, Use(word.used, word.revoked))

    def rebuild(self, *, subjects: Collection[str]) -> None:
        mandates_project(mandates=subjects)


def _differing(mandate: str, source: str, stored: Use, expected: Use) -> Iterator[Difference]:
    for name, value in vars(expected).items():
        if (found := getattr(stored, name)) != value:
            yield Difference(mandate, source, name, found, value)
