"""The escrow's logs, decoded by hand from their signatures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from auditor.ids import BID_TYPE, keccak, members_of
from auditor.records import RawLog, Terms
from protocol.errors import Malformed
from protocol.units import Address, Digest, address_of

BID_TUPLE = f"({','.join(kind for kind, _ in members_of(BID_TYPE))})"
AWARDED = f"Awarded(bytes32,address,address,{BID_TUPLE},uint32,bytes32,bytes32)"
PAID = "Paid(bytes32,uint96,uint96,uint8)"
DELIVERED = "Delivered(bytes32,bytes32)"
CLOSED = "Closed(bytes32,uint8,uint96,uint96,uint96,uint96)"
CREDITED = "Credited(address,address,bytes32,uint128)"
AWARD_CALL = f"award({BID_TUPLE},bytes,address,uint32,bytes32,bytes32,bool)"

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


Log = Awarded | Paid | Delivered | Closed | Credited


@dataclass(frozen=True)
class AwardCall:
    """The arguments of an `award` transaction sent to the escrow itself."""

    terms: Terms
    signature: bytes
    signer: Address
    units: int
    standby: Digest
    book: Digest
    from_ledger: bool


def terms_of(values: tuple[Any, ...]) -> Terms:
    """The terms of a decoded Bid tuple."""
    kinds = (kind for kind, _ in members_of(BID_TYPE))
    pairs = zip(kinds, values, strict=True)
    members: list[Any] = [address_of(value) if kind == "address" else value for kind, value in pairs]
    return Terms(*members)


def log_of(log: RawLog) -> Log:
    """Decode a log. Raises Malformed where it is none of the escrow's logs about an agreement."""
    reader = _READERS.get(log.topics[0]) if log.topics else None
    if reader is None:
        raise Malformed("no log of an agreement has this first topic", log.place)
    try:
        return reader(log)
    except (DecodingError, ValueError, IndexError) as error:
        raise Malformed(f"the log cannot be decoded: {error}", log.place) from error


def name_of(log: RawLog) -> str:
    """The log's name; `unknown` where it is none of an agreement's."""
    return _NAMES.get(log.topics[0], "unknown") if log.topics else "unknown"


def award_call_of(data: bytes) -> AwardCall:
    """The arguments of an award's calldata. Raises Malformed."""
    if data[:4] != keccak(AWARD_CALL.encode())[:4]:
        raise Malformed("the transaction does not call award")
    try:
        bid, signature, signer, *rest = decode(_types(AWARD_CALL), data[4:])
    except DecodingError as error:
        raise Malformed(f"the award's arguments cannot be decoded: {error}") from error
    return AwardCall(terms_of(bid), signature, address_of(signer), *rest)


def _types(signature: str) -> list[str]:
    """The argument types of a signature that has at most one tuple, the Bid."""
    inside = signature[signature.index("(") + 1 : -1].replace(BID_TUPLE, "BID")
    return [BID_TUPLE if kind == "BID" else kind for kind in inside.split(",")]


def _data(log: RawLog, signature: str, indexed: int) -> tuple[Any, ...]:
    if len(log.topics) != indexed + 1:
        raise ValueError(f"{len(log.topics)} topics where {indexed + 1} belong")
    return decode(_types(signature)[indexed:], log.data)


def _address(topic: Digest) -> Address:
    (address,) = decode(["address"], topic)
    return address_of(address)


def _awarded(log: RawLog) -> Awarded:
    bid, units, standby, book = _data(log, AWARDED, 3)
    _, agreement, designer, provider = log.topics
    return Awarded(agreement, _address(designer), _address(provider), terms_of(bid), units, standby, book)


def _paid(log: RawLog) -> Paid:
    paid, fee, how = _data(log, PAID, 1)
    return Paid(log.topics[1], paid, fee, HOWS[how])


def _delivered(log: RawLog) -> Delivered:
    (head,) = _data(log, DELIVERED, 1)
    return Delivered(log.topics[1], head)


def _closed(log: RawLog) -> Closed:
    how, *amounts = _data(log, CLOSED, 1)
    return Closed(log.topics[1], HOWS[how], *amounts)


def _credited(log: RawLog) -> Credited:
    (amount,) = _data(log, CREDITED, 3)
    _, token, owner, agreement = log.topics
    return Credited(_address(token), _address(owner), agreement, amount)


_READERS: dict[bytes, Callable[[RawLog], Log]] = {
    topic_of(AWARDED): _awarded,
    topic_of(PAID): _paid,
    topic_of(DELIVERED): _delivered,
    topic_of(CLOSED): _closed,
    topic_of(CREDITED): _credited,
}
_NAMES = {
    topic_of(signature): signature[: signature.index("(")]
    for signature in (AWARDED, PAID, DELIVERED, CLOSED, CREDITED)
}
