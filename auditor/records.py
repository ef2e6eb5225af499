"""What the auditor reads, as plain values. Amounts are wei, times epoch seconds, digests 32 bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class Consent:
    """A designer's Award, members in the order in which they are signed."""

    agreement: Digest
    units: int
    standby: Digest
    book: Digest
    deadline: int


@dataclass(frozen=True)
class Mandate:
    """A designer's limits for a dispatcher, members in the order in which they are signed."""

    designer: Address
    dispatcher: Address
    token: Address
    arbiter: Address
    job_digest: Digest
    printers: Digest
    max_unit_price: int
    min_bond: int
    max_dispute_fee: int
    units: int
    max_make_time: int
    min_review_time: int
    min_arbiter_time: int
    max_arbiter_time: int
    max_grace_time: int
    max_fallback_bps: int
    valid_until: int
    salt: int


@dataclass(frozen=True)
class Settlement:
    """A split, members in the order in which they are signed."""

    agreement: Digest
    to_provider: int
    paid: int
    status: int
    deadline: int


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
class Receipt:
    """The operator received a bid; members in the order in which they are signed."""

    bid: Digest
    job: Digest
    seq: int
    received_at: int


@dataclass(frozen=True)
class Book:
    """A job's bids when they were counted; members in the order in which they are signed."""

    job: Digest
    number: int
    closed_at: int
    count: int
    root: Digest


@dataclass(frozen=True)
class AnchorLeaf:
    """What stands under an anchored root for one record; members in the order in which they are hashed."""

    chain_id: int
    escrow: Address
    subject: Digest
    seq: int
    kind: str
    payload: Digest
    record: Digest


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

    @property
    def order(self) -> tuple[int, int]:
        """Its place in the chain's order."""
        return (self.block, self.log_index)


@dataclass(frozen=True)
class Sent:
    """A mined transaction. `to` is None where it created a contract; `logs` are all those of the escrow."""

    digest: Digest
    sender: Address
    to: Address | None
    value: int
    input: bytes
    succeeded: bool
    logs: tuple[RawLog, ...] = ()


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


Signature = tuple[Address, Digest, bytes]
"""A signer, what was signed, and the bytes."""

Anchored = tuple[Address, Digest]
"""A publisher and a root of theirs."""


@dataclass(frozen=True)
class NodeFacts:
    """All that was read from the node, as of the block `head`.

    `standby` and `mandate` are the agreement's own words of storage. `balance` is what the escrow holds of
    the agreement's token. `around` are logs that are not the agreement's and decide what may happen to it:
    hot keys and epochs of its provider, its mandate. `failed_logs` are those of the agreement whose standby
    this one is, with their transactions. `accepted` are signatures that a contract accepts (ERC-1271).
    `anchored` says when the contract with `anchor_code` anchored the bundle's roots; zero: never.
    """

    chain_id: int
    escrow: Address
    code: bytes
    domain_separator: Digest
    head: Block
    finalized: int | None
    word: Word
    standby: Digest
    mandate: Digest
    balance: int
    logs: tuple[RawLog, ...]
    transactions: Mapping[Digest, Sent]
    around: tuple[RawLog, ...] = ()
    failed_logs: tuple[RawLog, ...] = ()
    accepted: frozenset[Signature] = frozenset()
    anchor_code: bytes = b""
    anchored: Mapping[Anchored, int] = field(default_factory=dict)
