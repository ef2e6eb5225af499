"""The signed profile of a printer (domain Infill); a bid's `printer` is its digest."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.canonical import json_digest
from protocol.capability import Capability
from protocol.typed import U40, U64, AddressField, DigestField, Text, TypedStruct
from protocol.units import Digest


@dataclass(frozen=True)
class PrinterProfile(TypedStruct):
    """A provider states what one printer can do. `seq` grows with each statement about a serial."""

    provider: AddressField
    serial: Text
    capability: DigestField
    seq: U64
    issued_at: U40


def capability_digest(capability: Capability) -> Digest:
    """What a profile's `capability` member holds."""
    return json_digest(capability.to_json())
