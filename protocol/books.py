"""What an operator signs about bids: a receipt for each, the book of all at closing (domain Infill)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.typed import U32, U40, U64, DigestField, TypedStruct


@dataclass(frozen=True)
class Receipt(TypedStruct):
    """The operator received this bid for this job, as number `seq`, at this time."""

    bid: DigestField
    job: DigestField
    seq: U64
    received_at: U40


@dataclass(frozen=True)
class Book(TypedStruct):
    """The bids of a job when bidding closed: how many, and the Merkle root of their salted leaves."""

    job: DigestField
    number: U32
    closed_at: U40
    count: U32
    root: DigestField
