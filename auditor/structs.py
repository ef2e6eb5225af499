"""Strict reading of JSON from a bundle: every value in its one right form, or Malformed names the place."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from auditor.ids import members_of
from protocol.errors import InfillError, Malformed
from protocol.units import Address, Digest, address_of, digest_of, wei_of

_UINT = re.compile(r"uint(\d+)")
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
_NUMBER_BITS = 53

Value = TypeVar("Value")


def mapping_of(data: object, place: str) -> dict[str, Any]:
    """An object with any members. Raises Malformed."""
    if not isinstance(data, dict):
        raise Malformed("expected an object", place)
    return data


def object_of(data: object, names: Iterable[str], place: str) -> dict[str, Any]:
    """An object with exactly these members. Raises Malformed."""
    entry, wanted = mapping_of(data, place), set(names)
    for problem, members in (("is missing", wanted - set(entry)), ("is unknown", set(entry) - wanted)):
        if members:
            raise Malformed(f"the member {min(members)} {problem}", place)
    return entry


def list_of(data: object, place: str) -> list[Any]:
    """A list. Raises Malformed."""
    if not isinstance(data, list):
        raise Malformed("expected a list", place)
    return data


def number_of(data: object, place: str, bits: int = _NUMBER_BITS) -> int:
    """A JSON number that is a whole number of at most `bits` bits. Raises Malformed."""
    if not isinstance(data, int) or isinstance(data, bool) or not 0 <= data < 2**bits:
        raise Malformed(f"expected a whole number of at most {bits} bits, not {data!r}", place)
    return data


def text_of(data: object, place: str) -> str:
    """A text. Raises Malformed."""
    if not isinstance(data, str):
        raise Malformed("expected a text", place)
    return data


def hex_bytes(data: object, place: str) -> bytes:
    """The bytes of lower-case hex with 0x. Raises Malformed."""
    if not isinstance(data, str) or not _HEX.fullmatch(data):
        raise Malformed("expected 0x and an even number of lower-case hex digits", place)
    return bytes.fromhex(data[2:])


def digest_at(data: object, place: str) -> Digest:
    """A digest. Raises Malformed."""
    return _named(digest_of, data, place)


def address_at(data: object, place: str) -> Address:
    """An address in its checksummed form and no other. Raises Malformed."""
    address = _named(address_of, data, place)
    if address != data:
        raise Malformed("expected the checksummed form of the address", place)
    return address


def time_at(data: object, place: str) -> int:
    """Epoch seconds of an ISO-8601 UTC time to the second (`2026-01-31T12:00:00Z`). Raises Malformed."""
    try:
        moment = datetime.strptime(text_of(data, place), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Malformed("expected a time such as 2026-01-31T12:00:00Z", place) from error
    return int(moment.timestamp())


def signed_members(data: object, type_string: str, place: str) -> tuple[Any, ...]:
    """The values of a signed struct in its signing order. Raises Malformed naming the member."""
    members = members_of(type_string)
    entry = object_of(data, [name for _, name in members], place)
    return tuple(_member(entry[name], kind, f"{place}.{name}") for kind, name in members)


def _member(value: object, kind: str, place: str) -> Any:
    width = _UINT.fullmatch(kind)
    if width:
        return _uint(value, int(width[1]), place)
    if kind == "bool" and not isinstance(value, bool):
        raise Malformed("expected true or false", place)
    readers: dict[str, Callable[[object, str], Any]] = {
        "address": address_at,
        "bytes32": digest_at,
        "string": text_of,
        "bool": lambda flag, _: flag,
    }
    return readers[kind](value, place)


def _uint(value: object, bits: int, place: str) -> int:
    if bits <= _NUMBER_BITS:
        return number_of(value, place, bits)
    amount = int(_named(wei_of, text_of(value, place), place))
    if amount >= 2**bits:
        raise Malformed(f"expected at most {bits} bits", place)
    return amount


def _named(reader: Callable[[object], Value], value: object, place: str) -> Value:
    try:
        return reader(value)
    except InfillError as error:
        raise Malformed(str(error), place) from error
