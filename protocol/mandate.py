"""The mandate: limits within which a dispatcher may award for a designer (domain PrintEscrow)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.typed import U16, U32, U40, U96, U256, AddressField, DigestField, TypedStruct


@dataclass(frozen=True)
class Mandate(TypedStruct):
    """Bounds on every term that could be turned against the designer. `printers`: Merkle root, or zero."""

    designer: AddressField
    dispatcher: AddressField
    token: AddressField
    arbiter: AddressField
    job_digest: DigestField
    printers: DigestField
    max_unit_price: U96
    min_bond: U96
    max_dispute_fee: U96
    units: U32
    max_make_time: U32
    min_review_time: U32
    min_arbiter_time: U32
    max_arbiter_time: U32
    max_grace_time: U32
    max_fallback_bps: U16
    valid_until: U40
    salt: U256
