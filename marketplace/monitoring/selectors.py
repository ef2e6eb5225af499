"""Reading presence and samples."""

from datetime import timedelta

from django.utils import timezone

from marketplace.escrow.models import Agreement
from marketplace.monitoring.models import AgentPresence, PrinterSample
from marketplace.providers.models import Printer

ONLINE_FOR = timedelta(seconds=90)
"""An agent is taken as online for this long after it was last heard."""


def providers_online() -> set[str]:
    """Addresses of the providers whose agents were heard lately."""
    heard = AgentPresence.objects.filter(seen_at__gte=timezone.now() - ONLINE_FOR)
    return set(heard.values_list("provider", flat=True))


def sample_of_agreement(agreement: str) -> PrinterSample | None:
    """The newest sample of the printer that makes an agreement."""
    return PrinterSample.objects.filter(agreement=agreement).order_by("-received_at").first()


def owns_printer(address: str, printer: str) -> bool:
    """Whether a printer (by its profile's digest) is this provider's."""
    return Printer.objects.filter(digest=printer, provider=address).exists()


def job_of_agreement(agreement: str, provider: str) -> str | None:
    """The job (as text) an agreement of this provider makes."""
    found = Agreement.objects.filter(pk=agreement, provider=provider).exclude(job=None).first()
    return str(found.job_id) if found else None
