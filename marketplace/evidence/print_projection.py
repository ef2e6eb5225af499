"""Finished prints and paces as a projection: of evidence and agreements, by nothing else."""

from collections.abc import Collection, Iterator

from marketplace.chain.projections import Difference
from marketplace.evidence.prints import agreements_printed, prints_differ, prints_follow
from marketplace.providers.models import Printer
from marketplace.providers.selectors import pace_told, printers_paced
from marketplace.providers.services import pace_set, providers_lock


class PrintProjection:
    """What `chain.projections` asks of finished prints; a printer's pace is named by its profile's digest."""

    name = "prints"

    def differences(self) -> Iterator[Difference]:
        """The prints of each agreement against its evidence, and each pace against the prints."""
        for agreement in sorted(agreements_printed()):
            if differing := prints_differ(agreement):
                kept, derived = differing
                yield Difference(agreement, "its evidence", "finished prints", len(kept), len(derived))
        for printer in printers_paced():
            expected = pace_told(printer.provider_id, printer.serial)
            if (stored := (printer.pace, printer.prints_counted)) != expected:
                yield Difference(printer.pk, "its finished prints", "pace", stored, expected)

    def against_chain(self) -> Iterator[Difference]:
        """Nothing of it is on chain."""
        return iter(())

    def rebuild(self, *, subjects: Collection[str]) -> None:
        """Inside the caller's atomic block."""
        prints_follow(agreements=subjects)
        printers = list(Printer.objects.filter(pk__in=subjects))
        providers_lock(addresses={each.provider_id for each in printers})
        for printer in printers:
            pace_set(provider=printer.provider_id, serial=printer.serial)
