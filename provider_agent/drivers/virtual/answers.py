"""The virtual printer's JSON, read into the shapes of base.py."""

from __future__ import annotations

from typing import Any

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import AttemptFate, Reconciled, Snapshot
from provider_agent.drivers.errors import PrinterMisspoke


def snapshot_of(answer: dict[str, Any], observed_at: float) -> Snapshot:
    """What /snapshot and /events say. Raises PrinterMisspoke."""
    try:
        x, y, z = answer["position_um"]
        return Snapshot(
            status=PrinterStatus(answer["status"]),
            observed_at=observed_at,
            reason=answer["reason"],
            progress=float(answer["progress"]),
            layer=int(answer["layer"]),
            nozzle_c=float(answer["nozzle_c"]),
            bed_c=float(answer["bed_c"]),
            position_um=(int(x), int(y), int(z)),
            job=answer["job"],
            attempt=answer["attempt"],
            nozzle_target_c=float(answer["nozzle_target_c"]),
            bed_target_c=float(answer["bed_target_c"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not a virtual printer's snapshot: {error}") from error


def reconciled_of(prints: list[dict[str, Any]], attempt: str) -> Reconciled:
    """The record of one attempt in /history. Raises PrinterMisspoke."""
    try:
        found = next((print_ for print_ in prints if print_["attempt"] == attempt), None)
        if found is None:
            return Reconciled(attempt, AttemptFate.NOT_STARTED)
        return Reconciled(
            attempt=attempt,
            fate=AttemptFate(found["outcome"]),
            reason=found["reason"],
            started_at=found["started_at"],
            finished_at=found["finished_at"],
            print_seconds=found["print_seconds"],
            extruded_mm=found["extruded_mm"],
            layers=found["layers"],
            file_sha256=found["sha256"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PrinterMisspoke(f"not a virtual printer's history: {error}") from error
