"""Postings as a designer sends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any


def later(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def part(design: Any, /, **changed: Any) -> dict[str, Any]:
    usual = {"design": str(design), "copies": 1, "material": "PLA", "colour": "any"}
    return usual | {"layer_um": 200, "infill_percent": 20} | changed


def posting(*designs: Any, **changed: Any) -> dict[str, Any]:
    body = {
        "title": "Shelf bracket",
        "parts": [part(design) for design in designs],
        "quantity": 2,
        "deadline": later(days=5),
        "budget": "5000000000000000",
    }
    return body | changed
