"""What a node says, typed. Pure. Digests and data are 0x text, addresses EIP-55, amounts in wei."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from protocol.units import Wei

RawLog = dict[str, Any]
"""A log as the node gives it."""


@dataclass(frozen=True)
class BlockHead:
    """A block: its number, digest, its parent's digest, time, and the bloom of its logs."""

    number: int
    digest: str
    parent: str
    time: datetime
    bloom: int


@dataclass(frozen=True)
class Tips:
    """The newest block, and the newest that no reorganisation takes back."""

    head: BlockHead
    finalized: BlockHead


@dataclass(frozen=True)
class Transaction:
    """A transaction; `block` is None while it is in none, `to` where it creates a contract."""

    digest: str
    sender: str
    nonce: int
    to: str | None
    data: str
    value: int
    gas: int
    block: int | None


@dataclass(frozen=True)
class Receipt:
    """What a block says of a transaction. `cost` is what its gas cost."""

    block: int
    block_digest: str
    succeeded: bool
    gas_used: int
    cost: Wei


@dataclass(frozen=True)
class Market:
    """What the newest block asks of everybody for one gas, and what its miner would like beside that."""

    base_fee: int
    priority: int
