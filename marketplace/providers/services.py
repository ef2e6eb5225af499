"""Registering printers and keeping providers' records."""

from collections.abc import Collection

from django.db import transaction

from marketplace.activity.services import activity_record
from marketplace.providers.errors import PrinterSeqStale
from marketplace.providers.models import FinishedPrint, Printer, Provider, Stock
from marketplace.providers.rules import TimedPrint, profile_check, stock_of
from marketplace.providers.selectors import pace_told, prints_kept
from protocol.capability import Capability
from protocol.profiles import PrinterProfile
from protocol.typed import Domain
from protocol.units import hex_of


def printer_register(
    *, profile: PrinterProfile, capability: Capability, signature: bytes, person: str, domain: Domain
) -> tuple[Printer, bool]:
    """Keep a signed profile; the flag says whether the printer (its serial) is new to us.

    `domain` is the Infill domain. The same profile again changes nothing. Raises PrinterWrongSigner,
    PrinterCapabilityDiffers, PrinterSeqStale, Malformed, SignatureInvalid.
    """
    profile_check(profile, capability=capability, signature=signature, person=person, domain=domain)
    digest = hex_of(profile.digest(domain))
    with transaction.atomic():
        Provider.objects.get_or_create(address=person)
        # One profile of a provider at a time, so that seq cannot be overtaken between check and insert.
        provider = Provider.objects.select_for_update().get(address=person)
        if known := Printer.objects.filter(digest=digest).first():
            return known, False
        latest = provider.printers.filter(serial=profile.serial, current=True).first()
        if latest and latest.seq >= profile.seq:
            raise PrinterSeqStale(latest.seq)
        provider.printers.filter(serial=profile.serial, current=True).update(current=False)
        printer = _printer_create(digest, profile, capability, signature)
        pace_set(provider=person, serial=profile.serial)
        printer.refresh_from_db(fields=["pace", "prints_counted"])
        activity_record(kind="printer.registered", subject=f"printer:{digest}", actor=person)
    return printer, latest is None


def _printer_create(
    digest: str, profile: PrinterProfile, capability: Capability, signature: bytes
) -> Printer:
    x, y, z = capability.bed_um
    printer = Printer.objects.create(
        digest=digest,
        provider_id=profile.provider,
        serial=profile.serial,
        seq=profile.seq,
        profile=profile.to_json(),
        capability=capability.to_json(),
        signature=hex_of(signature),
        bed_x_um=x,
        bed_y_um=y,
        bed_z_um=z,
        min_layer_um=capability.min_layer_um,
        max_layer_um=capability.max_layer_um,
    )
    stock = [Stock(printer=printer, kind=kind, colour=colour) for kind, colour in stock_of(capability)]
    Stock.objects.bulk_create(stock)
    return printer


def provider_record(*, address: str, completed: int, failed: int) -> None:
    """Set how many bonded agreements a provider completed and failed, as counted from the chain's logs."""
    Provider.objects.filter(address=address).update(completed=completed, failed=failed)


def providers_lock(*, addresses: Collection[str]) -> None:
    """Nobody else derives what these providers have printed until the caller's atomic block ends."""
    list(Provider.objects.select_for_update(no_key=True).filter(address__in=addresses).order_by("address"))


def prints_replace(*, agreements: Collection[str], prints: Collection[TimedPrint]) -> None:
    """Keep exactly these finished prints of some agreements, and set the pace of the printers they concern.

    The same again writes nothing. Inside the caller's atomic block, which holds the providers' lock.
    """
    before, after = prints_kept(agreements), set(prints)
    if before == after:
        return
    stale = {each.agreement for each in before ^ after}
    FinishedPrint.objects.filter(agreement__in=stale).delete()
    FinishedPrint.objects.bulk_create(
        FinishedPrint(**each._asdict()) for each in sorted(after) if each.agreement in stale
    )
    for provider, serial in sorted({each.printer for each in before ^ after}):
        pace_set(provider=provider, serial=serial)


def pace_set(*, provider: str, serial: str) -> None:
    """Write a printer's pace anew from its finished prints; under the provider's lock."""
    pace, count = pace_told(provider, serial)
    Printer.objects.filter(provider=provider, serial=serial).update(pace=pace, prints_counted=count)
