"""What is read from the chain."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.terms import Bid
from protocol.units import Digest


@dataclass(frozen=True)
class Block:
    """A block's number and time (epoch seconds)."""

    number: int
    time: int


@dataclass(frozen=True)
class AwardLog:
    """An `Awarded` log of the escrow."""

    agreement: Digest
    bid: Bid
    units: int
    block: int
    transaction: str


@dataclass(frozen=True)
class Fees:
    """EIP-1559 fees in wei a gas."""

    max_fee: int
    priority: int
