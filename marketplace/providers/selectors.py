"""Reading providers and printers."""

from collections.abc import Iterable

from django.db.models import QuerySet

from marketplace.providers.models import Printer, Provider


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
