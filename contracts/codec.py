"""Typed values to and from bytes, by the committed ABI: addresses EIP-55, digests bytes, enums by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic, function_abi_to_4byte_selector

from contracts.artifacts import abi
from protocol.errors import Malformed
from protocol.mandate import Mandate
from protocol.statuses import AgreementStatus, How
from protocol.terms import Award, Bid, Settlement
from protocol.typed import U8, U256, DigestField, Struct
from protocol.units import Digest, address_of

Entry = dict[str, Any]
"""An entry of an ABI, or one of its parameters."""


@dataclass(frozen=True)
class Permit(Struct):
    """An ERC-2612 signature by which the escrow may take an award's price; `deadline` in epoch seconds."""

    deadline: U256
    v: U8
    r: DigestField
    s: DigestField


STRUCTS: Mapping[str, type[Struct]] = {
    kind.__name__: kind for kind in (Bid, Award, Mandate, Settlement, Permit)
}
ENUMS: Mapping[str, tuple[str, ...]] = {"Status": tuple(AgreementStatus), "How": tuple(How)}


def name_in_python(name: str) -> str:
    """`fromLedger` as `from_ledger`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def entry_of(contract: str, kind: str, name: str) -> Entry:
    """The function or event of that name. Raises LookupError where the build has none."""
    return _entries(contract)[kind, name]


@cache
def _entries(contract: str) -> dict[tuple[str, str], Entry]:
    return {(entry["type"], entry.get("name", "")): entry for entry in abi(contract)}


def selector_of(function: Entry) -> bytes:
    """The first 4 bytes of the function's calldata."""
    return function_abi_to_4byte_selector(function)  # type: ignore[arg-type]


def topic_of(event: Entry) -> Digest:
    """The first topic of the event's logs."""
    return Digest(event_abi_to_log_topic(event))  # type: ignore[arg-type]


def encoded(parameters: Sequence[Entry], values: Sequence[Any]) -> bytes:
    """The values as `abi.encode` gives them. Raises Malformed for a value out of its type's range."""
    try:
        return encode(_types(parameters), [_plain(value) for value in values])
    except (EncodingError, TypeError) as error:
        raise Malformed(f"not what the contract takes: {error}") from error


def decoded(parameters: Sequence[Entry], data: bytes) -> list[Any]:
    """The typed values of what `encoded` gives. Raises Malformed."""
    try:
        values = decode(_types(parameters), data)
    except (DecodingError, ValueError) as error:
        raise Malformed(f"not what the contract encodes: {error}") from error
    return [_typed(parameter, value) for parameter, value in zip(parameters, values, strict=True)]


def _types(parameters: Sequence[Entry]) -> list[str]:
    return [collapse_if_tuple(parameter) for parameter in parameters]


def _plain(value: Any) -> Any:
    return value.as_tuple() if isinstance(value, Struct) else value


def _typed(parameter: Entry, value: Any) -> Any:
    kind, _, name = parameter.get("internalType", "").rpartition(" ")
    name = name.rpartition(".")[2]
    if kind == "struct":
        return STRUCTS[name](*_members(parameter["components"], value))
    if kind == "enum":
        if value >= len(ENUMS[name]):
            raise Malformed(f"{name} has no member number {value}", parameter["name"])
        return ENUMS[name][value]
    if parameter["type"] == "address":
        return address_of(value)
    return value


def _members(components: Sequence[Entry], values: Sequence[Any]) -> Iterator[Any]:
    for component, value in zip(components, values, strict=True):
        yield address_of(value) if component["type"] == "address" else value
