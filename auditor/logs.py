"""The escrow's logs, decoded by hand from their signatures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from auditor.calls import BID_TUPLE, terms_of
from auditor.ids import keccak
from auditor.records import RawLog, Terms
from protocol.errors import Malformed
from protocol.units import Address, Digest, address_of

AWARDED = f"Awarded(bytes32,address,address,{BID_TUPLE},uint32,bytes32,bytes32)"
PAID = "Paid(bytes32,uint96,uint96,uint8)"
DELIVERED = "Delivered(bytes32,bytes32)"
DISPUTED = "Disputed(bytes32,bytes32)"
GAVE_UP = "GaveUp(bytes32)"
STANDBY_DROPPED = "StandbyDropped(bytes32)"
CLOSED = "Closed(bytes32,uint8,uint96,uint96,uint96,uint96)"
CREDITED = "Credited(address,address,bytes32,uint128)"
MANDATE_USED = "MandateUsed(bytes32,bytes32,uint32)"
MANDATE_REVOKED = "MandateRevoked(bytes32,address)"
EPOCH_BUMPED = "EpochBumped(address,address,uint32)"
AGENT_SET = "AgentSet(address,address,address,uint40,uint96)"

HOWS = (
    "OPEN",
    "RELEASED",
    "REDEEMED",
    "CLAIMED",
    "REFUNDED",
    "REAWARDED",
    "CANCELLED",
    "RULED",
    "SETTLED",
    "EXPIRED",
)


def topic_of(signature: str) -> Digest:
    """The first topic of logs of this signature."""
    return keccak(signature.encode())


@dataclass(frozen=True)
class Awarded:
    """An agreement was made and funded."""

    agreement: Digest
    designer: Address
    provider: Address
    terms: Terms
    units: int
    standby: Digest
    book: Digest


@dataclass(frozen=True)
class Paid:
    """`paid` is cumulative, gross of fees; `how` other than OPEN closed the agreement."""

    agreement: Digest
    paid: int
    fee: int
    how: str


@dataclass(frozen=True)
class Delivered:
    """`head` is the digest of the provider's newest evidence record then."""

    agreement: Digest
    head: Digest


@dataclass(frozen=True)
class Disputed:
    """`head` is the digest of the designer's newest evidence record then."""

    agreement: Digest
    head: Digest


@dataclass(frozen=True)
class GaveUp:
    """The provider will not deliver."""

    agreement: Digest


@dataclass(frozen=True)
class StandbyDropped:
    """The standby is no longer named."""

    agreement: Digest


@dataclass(frozen=True)
class Closed:
    """A closing other than by payment in full; `to_provider` is gross of `fee`."""

    agreement: Digest
    how: str
    to_provider: int
    fee: int
    to_designer: int
    bond_back: int


@dataclass(frozen=True)
class Credited:
    """Money of the agreement became the free balance of `owner`."""

    token: Address
    owner: Address
    agreement: Digest
    amount: int


@dataclass(frozen=True)
class MandateUsed:
    """`used` of the mandate's units are spent after this award, or after its units came back."""

    mandate: Digest
    agreement: Digest
    used: int


@dataclass(frozen=True)
class MandateRevoked:
    """The mandate can no longer be used."""

    mandate: Digest
    designer: Address


@dataclass(frozen=True)
class EpochBumped:
    """The owner's bids of other epochs are dead, unless awarded."""

    token: Address
    owner: Address
    epoch: int


@dataclass(frozen=True)
class AgentSet:
    """A provider's hot key may sign bids and deliver until `until`, its bids lock `bond_left` in all."""

    token: Address
    provider: Address
    key: Address
    until: int
    bond_left: int


Happening = Awarded | Paid | Delivered | Disputed | GaveUp | StandbyDropped | Closed | MandateUsed
"""What changes where an agreement stands."""
Log = Happening | Credited | MandateRevoked | EpochBumped | AgentSet


def log_of(log: RawLog) -> Log:
    """Decode a log. Raises Malformed where it is none of the escrow's that say something of an agreement."""
    found = _KINDS.get(log.topics[0]) if log.topics else None
    if found is None:
        raise Malformed("no log of an agreement has this first topic", log.place)
    signature, indexed, reader = found
    types = _types(signature)
    try:
        if len(log.topics) != indexed + 1:
            raise ValueError(f"{len(log.topics)} topics where {indexed + 1} belong")
        types = _types(signature)
        topics = [decode([type_], topic)[0] for type_, topic in zip(types, log.topics[1:], strict=False)]
        values = [*topics, *decode(types[indexed:], log.data)]
        pairs = zip(types, values, strict=True)
        return reader(*(address_of(value) if type_ == "address" else value for type_, value in pairs))
    except (DecodingError, ValueError, IndexError) as error:
        raise Malformed(f"the log cannot be decoded: {error}", log.place) from error


def name_of(log: RawLog) -> str:
    """The log's name; `unknown` where it says nothing of an agreement."""
    found = _KINDS.get(log.topics[0]) if log.topics else None
    return found[0][: found[0].index("(")] if found else "unknown"


def _types(signature: str) -> list[str]:
    """The types of a signature that has at most one tuple, the Bid."""
    inside = signature[signature.index("(") + 1 : -1].replace(BID_TUPLE, "BID")
    return [BID_TUPLE if kind == "BID" else kind for kind in inside.split(",")]


def _awarded(agreement: Digest, designer: Address, provider: Address, bid: Any, *rest: Any) -> Awarded:
    return Awarded(agreement, designer, provider, terms_of(bid), *rest)


def _paid(agreement: Digest, paid: int, fee: int, how: int) -> Paid:
    return Paid(agreement, paid, fee, HOWS[how])


def _closed(agreement: Digest, how: int, *amounts: int) -> Closed:
    return Closed(agreement, HOWS[how], *amounts)


_Kind = tuple[str, int, Callable[..., Log]]
_LOGS: tuple[_Kind, ...] = (
    (AWARDED, 3, _awarded),
    (PAID, 1, _paid),
    (DELIVERED, 1, Delivered),
    (DISPUTED, 1, Disputed),
    (GAVE_UP, 1, GaveUp),
    (STANDBY_DROPPED, 1, StandbyDropped),
    (CLOSED, 1, _closed),
    (CREDITED, 3, Credited),
    (MANDATE_USED, 2, MandateUsed),
    (MANDATE_REVOKED, 2, MandateRevoked),
    (EPOCH_BUMPED, 2, EpochBumped),
    (AGENT_SET, 3, AgentSet),
)
"""Signature, number of indexed members, and what its members make."""
_KINDS: dict[bytes, _Kind] = {topic_of(kind[0]): kind for kind in _LOGS}
