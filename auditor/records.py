"""What the auditor reads, as plain values. Amounts are wei, times epoch seconds, digests 32 bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from protocol.units import Address, Digest


@dataclass(frozen=True)
class Terms:
    """A Bid, members in the order in which they are signed."""

    provider: Address
    designer: Address
    token: Address
    arbiter: Address
    fee_to: Address
    job_digest: Digest
    printer: Digest
    unit_price: int
    bond: int
    dispute_fee: int
    min_units: int
    max_units: int
    valid_until: int
    make_time: int
    review_time: int
    arbiter_time: int
    grace_time: int
    fallback_bps: int
    fee_bps: int
    epoch: int
    to_ledger: bool
    salt: int


@dataclass(frozen=True)
class Record:
    """The signed members of one evidence record."""

    agreement: Digest
    actor: Address
    seq: int
    kind: str
    payload: Digest
    previous: Digest
    observed_at: int


@dataclass(frozen=True)
class SignedRecord:
    """An evidence record with what it commits to and its signature."""

    record: Record
    payload: Mapping[str, Any]
    signature: bytes


@dataclass(frozen=True)
class Profile:
    """The signed members of a printer's profile."""

    provider: Address
    serial: str
    capability: Digest
    seq: int
    issued_at: int


@dataclass(frozen=True)
class RawLog:
    """A log as a node or a bundle gives it. `time` is that of its block."""

    address: Address
    topics: tuple[Digest, ...]
    data: bytes
    block: int
    block_digest: Digest
    transaction: Digest
    log_index: int
    time: int

    @property
    def place(self) -> str:
        """How findings name it."""
        return f"block {self.block} log {self.log_index}"


@dataclass(frozen=True)
class Sent:
    """A mined transaction. `to` is None where it created a contract."""

    digest: Digest
    sender: Address
    to: Address | None
    value: int
    input: bytes
    succeeded: bool


@dataclass(frozen=True)
class Word:
    """The agreement's storage word. `status` is the contract's number."""

    status: int
    flags: int
    clock: int
    price: int
    paid: int


@dataclass(frozen=True)
class Block:
    """A block's number, digest and time."""

    number: int
    digest: Digest
    time: int


@dataclass(frozen=True)
class NodeFacts:
    """All that was read from the node, as of the block `head`.

    `balance` is what the escrow holds in native coin. `provider_accepts` is None unless the provider is a
    contract; then it says whether that contract accepts the bid's signature (ERC-1271).
    """

    chain_id: int
    escrow: Address
    code: bytes
    domain_separator: Digest
    head: Block
    finalized: int | None
    word: Word
    balance: int
    logs: tuple[RawLog, ...]
    transactions: Mapping[Digest, Sent]
    provider_accepts: bool | None = None
