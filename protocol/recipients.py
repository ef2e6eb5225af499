"""Who a file is encrypted to: said by the key that signed the bid (domain Infill)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.typed import DigestField, Text, TypedStruct


@dataclass(frozen=True)
class Recipient(TypedStruct):
    """The files of one agreement are to be encrypted to this age X25519 recipient ("age1...")."""

    agreement: DigestField
    recipient: Text
