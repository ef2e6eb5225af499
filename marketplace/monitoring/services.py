"""Keeping what agents report."""

from typing import Any

from django.utils import timezone

from marketplace.monitoring.models import AgentPresence, PrinterSample
from protocol.units import time_of


def presence_touch(*, address: str) -> None:
    """Note that a provider's agent was heard now."""
    AgentPresence.objects.update_or_create(provider=address, defaults={"seen_at": timezone.now()})


def sample_keep(*, sample: dict[str, Any]) -> None:
    """Replace a printer's newest sample by this checked one."""
    kept = {
        name: sample[name] for name in ("status", "progress", "layer", "nozzle_c", "bed_c", "position_um")
    }
    PrinterSample.objects.update_or_create(
        printer_id=sample["printer"],
        defaults={
            **kept,
            "agreement": sample["agreement"] or "",
            "observed_at": time_of(sample["observed_at"]),
        },
    )
