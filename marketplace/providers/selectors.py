"""Reading providers and printers."""

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketplace.providers.models import FinishedPrint, Printer, Provider
from marketplace.providers.rules import TimedPrint
from protocol.pace import NEWEST_PRINTS, pace_of

PACE_DIGITS = 4


def printers_current() -> QuerySet[Printer]:
    """Every printer a bid may name, by its newest profile."""
    return Printer.objects.filter(current=True)


def printers_of(address: str) -> QuerySet[Printer]:
    """A provider's printers, by their newest profiles."""
    return printers_current().filter(provider=address)


def has_printer(address: str) -> bool:
    """Whether this person is a provider with a registered printer."""
    return printers_of(address).exists()


def printer_of(digest: str) -> Printer | None:
    """The printer of a profile's digest (0x text), superseded profiles included."""
    return Printer.objects.filter(digest=digest).first()


def providers_registered(addresses: Iterable[str]) -> list[str]:
    """Those of some addresses whose owners registered a printer, in order."""
    known = Provider.objects.filter(address__in=set(addresses)).order_by("address")
    return list(known.values_list("address", flat=True))


def prints_kept(agreements: Collection[str]) -> set[TimedPrint]:
    """The finished prints on record for some agreements."""
    found = FinishedPrint.objects.filter(agreement__in=agreements)
    return {TimedPrint(*row) for row in found.values_list(*TimedPrint._fields)}


def prints_timed(provider: str, serial: str) -> list[tuple[float, float]]:
    """(expected, taken) seconds of a printer's newest finished prints, the newest first."""
    found = FinishedPrint.objects.filter(provider=provider, serial=serial)
    return list(found.values_list("expected_s", "taken_s")[:NEWEST_PRINTS])


def printers_paced() -> QuerySet[Printer]:
    """Printers that have a pace, or prints that tell one; superseded profiles included."""
    prints = FinishedPrint.objects.filter(provider=OuterRef("provider"), serial=OuterRef("serial"))
    return Printer.objects.filter(~Q(pace=1.0) | Q(prints_counted__gt=0) | Exists(prints))


def pace_told(provider: str, serial: str) -> tuple[float, int]:
    """The pace that a printer's finished prints tell of, and how many those are."""
    timed = prints_timed(provider, serial)
    return round(pace_of(timed), PACE_DIGITS), len(timed)
