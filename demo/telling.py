"""How the story words what it finds: amounts a person reads at a glance, evidence in a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.evidence import Kind
from protocol.plates import payload_text
from protocol.units import ether_text

MICRO_ETHER = 10**12


def ether_rounded(wei: int) -> str:
    """An amount to the nearest millionth of an ether; exact amounts are the auditor's business."""
    return ether_text(round(wei / MICRO_ETHER) * MICRO_ETHER)


def evidence_text(signed: dict[str, Any]) -> str:
    """One record in a line."""
    record, payload = signed["record"], signed["payload"]
    telling = _TELLINGS.get(record["kind"])
    return f"evidence {record['seq']:>2}: {record['kind']:<18} {telling(payload) if telling else ''}"


_TELLINGS: dict[str, Callable[[dict[str, Any]], str]] = {
    Kind.JOB_SPEC: lambda p: f"{p['units']} unit(s) of job {p['job_digest'][:12]}..",
    Kind.MODEL_RECEIVED: lambda p: f"{p['name']}, {p['bytes']:,} bytes, {p['model'][:12]}.. as ordered",
    Kind.SLICED: lambda p: (
        f"{payload_text(p)}, {p['slicer']} {p['slicer_version']}: {p['layers']} layers,"
        f" {p['print_seconds'] / 60:.0f} min, {p['grams']:.1f} g, G-code {p['gcode'][:12]}.."
    ),
    Kind.PRINT_STARTED: lambda p: (
        f"{payload_text(p)} in {p['filament']} on {p['printer']}, attempt {p['attempt']}"
    ),
    Kind.TELEMETRY: lambda p: f"{p['samples']} samples, root {p['merkle_root'][:12]}..",
    Kind.PRINT_FINISHED: lambda p: (
        f"{payload_text(p)}, {p['layers']} layers, {p['extruded_mm'] / 1000:.2f} m of filament"
    ),
}
