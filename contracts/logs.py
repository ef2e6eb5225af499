"""Every log of both contracts as a typed value. Amounts and times are as in `calls`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from contracts.codec import Entry, decoded, entry_of, name_in_python, topic_of
from protocol.errors import Malformed
from protocol.statuses import How
from protocol.terms import Bid
from protocol.units import Address, Digest, Wei, hex_of


@dataclass(frozen=True)
class Log:
    """Base of every log: an event by its class, its arguments by their fields."""

    contract: ClassVar[str] = "PrintEscrow"

    @classmethod
    def entry(cls) -> Entry:
        """The event in the ABI."""
        return entry_of(cls.contract, "event", cls.__name__)

    @classmethod
    def topic(cls) -> Digest:
        """The first topic of such logs."""
        return topic_of(cls.entry())


@dataclass(frozen=True)
class Awarded(Log):
    """An agreement was made and funded; `units` = price / unit price."""

    agreement: Digest
    designer: Address
    provider: Address
    bid: Bid
    units: int
    standby: Digest
    book: Digest


@dataclass(frozen=True)
class Paid(Log):
    """The provider was paid: `paid` is cumulative, gross of `fee`; `how` is not OPEN where it closed."""

    agreement: Digest
    paid: Wei
    fee: Wei
    how: How


@dataclass(frozen=True)
class Delivered(Log):
    """The provider says it has delivered; `head` of its evidence log."""

    agreement: Digest
    head: Digest


@dataclass(frozen=True)
class Disputed(Log):
    """The designer contests the delivery; `head` of its evidence log."""

    agreement: Digest
    head: Digest


@dataclass(frozen=True)
class GaveUp(Log):
    """The provider will not deliver."""

    agreement: Digest


@dataclass(frozen=True)
class StandbyDropped(Log):
    """The standby is no longer named."""

    agreement: Digest


@dataclass(frozen=True)
class Closed(Log):
    """The agreement closed other than by payment in full; `to_provider` is gross of `fee`."""

    agreement: Digest
    how: How
    to_provider: Wei
    fee: Wei
    to_designer: Wei
    bond_back: Wei


@dataclass(frozen=True)
class MandateUsed(Log):
    """Units of a mandate were spent on an agreement or came back from it: `used` are spent now."""

    mandate: Digest
    agreement: Digest
    used: int


@dataclass(frozen=True)
class MandateRevoked(Log):
    """The mandate cannot be used any more."""

    mandate: Digest
    designer: Address


@dataclass(frozen=True)
class EpochBumped(Log):
    """The owner's bids in a token that are not awarded are void."""

    token: Address
    owner: Address
    epoch: int


@dataclass(frozen=True)
class AgentSet(Log):
    """A provider set, renewed or revoked a hot key."""

    token: Address
    provider: Address
    key: Address
    until: int
    bond_left: Wei


@dataclass(frozen=True)
class Deposited(Log):
    """`payer` added to the ledger of `owner`."""

    token: Address
    owner: Address
    payer: Address
    amount: Wei


@dataclass(frozen=True)
class Withdrawn(Log):
    """`owner` took from its ledger."""

    token: Address
    owner: Address
    to: Address
    amount: Wei


@dataclass(frozen=True)
class Credited(Log):
    """Money of an agreement went to the ledger of `owner`."""

    token: Address
    owner: Address
    agreement: Digest
    amount: Wei


@dataclass(frozen=True)
class Anchored(Log):
    """A publisher anchored a root of `count` leaves after its previous one."""

    contract: ClassVar[str] = "ProvenanceAnchor"

    publisher: Address
    root: Digest
    count: int
    previous_root: Digest


def log_of(topics: Sequence[bytes], data: bytes) -> Log:
    """The log of these topics and data. Raises Malformed where it is none of our contracts'."""
    found = _by_topic().get(bytes(topics[0])) if topics else None
    if found is None:
        raise Malformed(f"no log of ours has the first topic {hex_of(topics[0]) if topics else 'none'}")
    inputs = found.entry()["inputs"]
    indexed = [entry for entry in inputs if entry["indexed"]]
    plain = [entry for entry in inputs if not entry["indexed"]]
    if len(topics) != len(indexed) + 1:
        raise Malformed(f"{found.__name__} has {len(indexed) + 1} topics, not {len(topics)}")
    values = decoded(indexed, b"".join(topics[1:])) + decoded(plain, data)
    names = [name_in_python(entry["name"]) for entry in indexed + plain]
    return found(**dict(zip(names, values, strict=True)))


@cache
def _by_topic() -> dict[bytes, type[Log]]:
    return {kind.topic(): kind for kind in Log.__subclasses__()}
