"""What an agent has on its hands, read beside it: its journal, and its printers."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from typing import Any

from protocol.statuses import PrinterStatus
from protocol.units import Address, hex_of
from provider_agent.drivers.base import ACTIVE, Snapshot
from provider_agent.fleet import Fleet, Printer
from provider_agent.journal.attempts import AttemptStatus, attempts_of, plate_taken
from provider_agent.journal.bids import bid_get, bids_open
from provider_agent.journal.makings import OVER, Making, makings
from provider_agent.journal.profiles import profiles
from provider_agent.journal.records import record_count, records_unsent
from provider_agent.journal.reservations import reservations_held
from provider_agent.journal.store import Journal
from provider_agent.making.ending import alarmed
from provider_agent.making.forgetting import deleted_at
from provider_agent.making.plate import RUNNING
from provider_agent.pacing import pace_learned


async def status_read(journal: Journal, fleet: Fleet, address: Address) -> dict[str, Any]:
    """What journal and printers tell, as JSON (wei as text, times as epoch seconds)."""
    snapshots = await asyncio.gather(*(printer.driver.snapshot() for printer in fleet.all()))
    found = makings(journal)
    known = profiles(journal)
    return {
        "address": address,
        "makings": [_making(journal, making) for making in found],
        "makings_by_status": dict(Tally(making.status.value for making in found)),
        "bids_open": [
            {"agreement": hex_of(row.agreement), "job": row.job, "printer": row.serial, "sent": row.sent}
            for row in bids_open(journal)
        ],
        "printers": [
            {
                "serial": printer.serial,
                "digest": hex_of(known[printer.serial].digest) if printer.serial in known else None,
                "registered": printer.serial in known and known[printer.serial].registered,
                "status": snapshot.status.value,
                "progress": snapshot.progress,
                "reason": snapshot.reason,
                "layer": snapshot.layer,
                "nozzle_c": snapshot.nozzle_c,
                "bed_c": snapshot.bed_c,
                "needs": _needs(journal, printer, snapshot),
                **_pace(journal, printer),
            }
            for printer, snapshot in zip(fleet.all(), snapshots, strict=True)
        ],
        "reservations": [
            {
                "agreement": hex_of(held.agreement),
                "printer": held.serial,
                "starts_at": held.starts_at,
                "ends_at": held.ends_at,
            }
            for held in reservations_held(journal)
        ],
        "earned_wei": str(sum(making.paid for making in found)),
    }


def _pace(journal: Journal, printer: Printer) -> dict[str, Any]:
    found = pace_learned(journal, printer.serial, printer.config.speed_mm_s)
    return {"pace": round(found.factor, 4), "prints_counted": found.prints}


def _needs(journal: Journal, printer: Printer, snapshot: Snapshot) -> str:
    """What a person has to do for this print or before the next one; empty where that is nothing."""
    taken = plate_taken(journal, printer.serial)
    if taken is None:
        return ""
    if taken.status in RUNNING:
        paused = snapshot.status is PrinterStatus.PAUSED
        why = snapshot.reason or "it does not say why"
        return f"it is paused ({why}). Put it right and let it go on at the printer." if paused else ""
    clear = f"empty its plate, then run `infill-agent clear {printer.serial}`"
    stuck = snapshot.status in (*ACTIVE, PrinterStatus.UNREACHABLE) or alarmed(journal, taken)
    if taken.status is AttemptStatus.FAILED and stuck:
        return f"{taken.reason}. Look at the printer, {clear}."
    return "" if printer.config.auto_clear else f"{clear}."


def _making(journal: Journal, making: Making) -> dict[str, Any]:
    row = bid_get(journal, making.agreement)
    return {
        "agreement": hex_of(making.agreement),
        "job": row.job,
        "title": row.spec.title,
        "status": making.status.value,
        "reason": making.reason,
        "units": making.units,
        "printer": row.serial,
        "attempts": [
            {
                "id": attempt.id,
                "item": attempt.item,
                "status": attempt.status.value,
                "cleared": attempt.cleared,
            }
            for attempt in attempts_of(journal, making.agreement)
        ],
        "evidence": record_count(journal, making.agreement),
        "evidence_unsent": len(records_unsent(journal, making.agreement)),
        "paid_wei": str(making.paid),
        "how": making.how.value,
        "files_deleted_at": deleted_at(journal, making.agreement),
        "live": making.status not in OVER,
    }
