"""Calls of the escrow, decoded by hand from their signatures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from auditor.ids import BID_TYPE, CONSENT_TYPE, MANDATE_TYPE, SETTLEMENT_TYPE, keccak, members_of
from auditor.records import Consent, Mandate, Settlement, Terms
from protocol.errors import Malformed
from protocol.units import address_of

FUNCTIONS = {
    "award": "bid signature signer units standby book from_ledger",
    "awardWithPermit": "bid signature signer units standby book permit",
    "awardFor": "bid signature signer consent party_signature",
    "awardUnder": "bid signature signer units book mandate party_signature proof",
    "reaward": "bid successor signature signer",
    "dropStandby": "bid",
    "release": "bid cumulative",
    "redeem": "bid cumulative party_signature",
    "deliver": "bid head",
    "claim": "bid",
    "refund": "bid",
    "cancel": "bid",
    "giveUp": "bid",
    "dispute": "bid head from_ledger",
    "rule": "bid cumulative bond_back",
    "settle": "bid settlement party_signature",
    "expire": "bid",
}
"""Each function of an agreement and the names of its arguments; a name has one type wherever it occurs.

`signature` is that of `signer` over the bid, or over the successor; `party_signature` that of a designer, or
of the other party of a settlement.
"""


def tuple_of(type_string: str) -> str:
    """The ABI type of a signed struct."""
    return f"({','.join(kind for kind, _ in members_of(type_string))})"


BID_TUPLE = tuple_of(BID_TYPE)
TYPES = {
    "bid": BID_TUPLE,
    "successor": BID_TUPLE,
    "signature": "bytes",
    "party_signature": "bytes",
    "signer": "address",
    "units": "uint32",
    "standby": "bytes32",
    "book": "bytes32",
    "from_ledger": "bool",
    "permit": "(uint256,uint8,bytes32,bytes32)",
    "consent": tuple_of(CONSENT_TYPE),
    "mandate": tuple_of(MANDATE_TYPE),
    "settlement": tuple_of(SETTLEMENT_TYPE),
    "proof": "bytes32[]",
    "cumulative": "uint96",
    "bond_back": "uint96",
    "head": "bytes32",
}


@dataclass(frozen=True)
class Call:
    """A transaction sent to the escrow itself: its function, and its arguments by name."""

    function: str
    arguments: Mapping[str, Any]

    @property
    def terms(self) -> Terms:
        """The bid it is about; the one that failed where a standby takes over."""
        terms: Terms = self.arguments["bid"]
        return terms

    @property
    def awarded(self) -> Terms:
        """The bid that an award binds."""
        terms: Terms = self.arguments.get("successor", self.terms)
        return terms


def call_of(data: bytes) -> Call:
    """What a transaction asked the escrow for. Raises Malformed."""
    found = _SELECTORS.get(data[:4])
    if found is None:
        raise Malformed("the transaction calls nothing that is done to an agreement")
    names = FUNCTIONS[found].split()
    try:
        values = decode([TYPES[name] for name in names], data[4:])
    except DecodingError as error:
        raise Malformed(f"the arguments of {found} cannot be decoded: {error}") from error
    return Call(found, {name: _read(name, value) for name, value in zip(names, values, strict=True)})


def terms_of(values: tuple[Any, ...]) -> Terms:
    """The terms of a decoded Bid tuple."""
    return Terms(*_members(BID_TYPE, values))


def _members(type_string: str, values: tuple[Any, ...]) -> list[Any]:
    kinds = (kind for kind, _ in members_of(type_string))
    return [
        address_of(value) if kind == "address" else value for kind, value in zip(kinds, values, strict=True)
    ]


def _read(name: str, value: Any) -> Any:
    reader = _READERS.get(name)
    return reader(value) if reader else value


_READERS: dict[str, Callable[[Any], Any]] = {
    "bid": terms_of,
    "successor": terms_of,
    "signer": address_of,
    "consent": lambda values: Consent(*_members(CONSENT_TYPE, values)),
    "mandate": lambda values: Mandate(*_members(MANDATE_TYPE, values)),
    "settlement": lambda values: Settlement(*_members(SETTLEMENT_TYPE, values)),
}
_SELECTORS = {
    keccak(f"{function}({','.join(TYPES[name] for name in names.split())})".encode())[:4]: function
    for function, names in FUNCTIONS.items()
}
