"""Units and their conversions. Wei are ints, digests 32 bytes, addresses EIP-55 text, times aware."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NewType

from eth_utils.address import is_checksum_address, to_checksum_address

from protocol.errors import Malformed

Wei = NewType("Wei", int)
Digest = NewType("Digest", bytes)
Address = NewType("Address", str)

ZERO_ADDRESS = Address("0x" + "00" * 20)
ZERO_DIGEST = Digest(bytes(32))
ETHER_DECIMALS = 18
WEI_PER_ETHER = 10**ETHER_DECIMALS

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_DIGEST = re.compile(r"0x[0-9a-f]{64}")
_BYTES = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")


def hex_of(data: bytes) -> str:
    """Bytes as lower-case hex with 0x."""
    return "0x" + bytes(data).hex()


def bytes_of(text: object) -> bytes:
    """Bytes of 0x-prefixed hex of any even length. Raises Malformed."""
    if not isinstance(text, str) or not _BYTES.fullmatch(text):
        raise Malformed("expected 0x followed by an even number of hex digits")
    return bytes.fromhex(text[2:])


def digest_of(text: object) -> Digest:
    """The 32 bytes of 0x-prefixed lower-case hex. Raises Malformed."""
    if not isinstance(text, str) or not _DIGEST.fullmatch(text):
        raise Malformed("expected a digest: 0x and 64 lower-case hex digits")
    return Digest(bytes.fromhex(text[2:]))


def address_of(text: object) -> Address:
    """The EIP-55 form of an address; mixed case must carry a right checksum. Raises Malformed."""
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text):
        raise Malformed("expected an address: 0x and 40 hex digits")
    return _checksummed(text)


@lru_cache(maxsize=65_536)
def _checksummed(text: str) -> Address:
    body = text[2:]
    if body not in (body.lower(), body.upper()) and not is_checksum_address(text):
        raise Malformed("the address has a wrong checksum; copy it again")
    return Address(to_checksum_address(text))


def wei_of(value: object) -> Wei:
    """Wei from a non-negative int or its canonical decimal text. Raises Malformed."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Wei(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Wei(int(value))
    raise Malformed("expected an amount of wei: a whole number without sign or leading zeros")


def time_of(seconds: int) -> datetime:
    """An aware UTC datetime from seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


def seconds_of(moment: datetime) -> int:
    """Whole seconds since the epoch of an aware datetime. Raises Malformed for a naive one."""
    if moment.tzinfo is None:
        raise Malformed("a time needs its time zone")
    return int(moment.timestamp())


def amount_text(amount: int, decimals: int) -> str:
    """A whole number of smallest units with its point set, exact: `0.0042` for 42 with four decimals."""
    whole, rest = divmod(amount, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}".rstrip("0").rstrip(".") if rest else str(whole)


def ether_text(wei: int) -> str:
    """An amount for people, exact: `0.0042 ETH`."""
    return f"{amount_text(wei, ETHER_DECIMALS)} ETH"


def duration_text(seconds: float) -> str:
    """A length of time in the two units that matter: `35 min`, `1 h 5 min`, `14 days`."""
    minutes = round(seconds / 60)
    if seconds < 60:
        return f"{round(seconds)} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, left = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {left} min" if left else f"{hours} h"
    days, hours = divmod(round(seconds / 3600), 24)
    text = f"{days} day" if days == 1 else f"{days} days"
    return f"{text} {hours} h" if hours else text


def moment_text(seconds: int) -> str:
    """A time for people, from seconds since the epoch: `3 May 2026, 14:05 UTC`."""
    moment = time_of(seconds)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"
