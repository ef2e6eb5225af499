"""Keeping what agents report."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from marketplace.monitoring.models import AgentPresence, PastSample, PrinterSample
from protocol.units import time_of

SAID = ("status", "progress", "layer", "nozzle_c", "bed_c", "position_um")
REFRESHED = ("agreement", *SAID, "observed_at", "received_at")
PRUNED_AT_ONCE = 5_000
"""Rows that one statement deletes: it holds locks for no longer than a moment."""


def presence_touch(*, address: str) -> None:
    """Note that a provider's agent was heard now."""
    AgentPresence.objects.update_or_create(provider=address, defaults={"seen_at": timezone.now()})


def samples_keep(*, samples: Iterable[dict[str, Any]], newest: Iterable[dict[str, Any]]) -> None:
    """Keep checked samples, and replace their printers' newest by `newest`, at most one a printer: all or
    none."""
    now = timezone.now()
    with transaction.atomic():
        PastSample.objects.bulk_create(
            [PastSample(printer=each["printer"], **_columns(each, now)) for each in samples]
        )
        PrinterSample.objects.bulk_create(
            # In one order everywhere: two processes that lock the same rows wait for each other in turn.
            [
                PrinterSample(printer_id=each["printer"], **_columns(each, now))
                for each in sorted(newest, key=lambda each: str(each["printer"]))
            ],
            update_conflicts=True,
            unique_fields=["printer"],
            update_fields=REFRESHED,
        )


def samples_prune() -> int:
    """Forget samples older than SAMPLES_DAYS; how many they were."""
    old = PastSample.objects.filter(received_at__lt=timezone.now() - timedelta(days=settings.SAMPLES_DAYS))
    count = 0
    while ids := list(old.order_by("received_at").values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        count += PastSample.objects.filter(pk__in=ids).delete()[0]
    return count


def _columns(sample: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        **{name: sample[name] for name in SAID},
        "agreement": sample["agreement"] or "",
        "observed_at": time_of(sample["observed_at"]),
        "received_at": now,
    }
