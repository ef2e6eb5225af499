"""Reading single values of agent.toml: each reader returns the typed value or says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, TypeVar
from urllib.parse import urlsplit

from protocol.errors import Malformed
from protocol.units import Address, Wei, address_of, wei_of
from provider_agent.errors import ConfigInvalid

T = TypeVar("T")
_REQUIRED: Any = object()
_EXAMPLE = "`infill-agent init` writes an example"
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Unreadable(Exception):
    """A value is not what its key needs; the message says what to write."""


class Section:
    """One table of the file. Keys are taken one by one; `finish` refuses what nobody took."""

    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self._name = name
        self._data = dict(data)
        self._known: set[str] = set()

    def take(self, key: str, read: Callable[[Any], T], default: T = _REQUIRED, *, hint: str = _EXAMPLE) -> T:
        """The value of a key, read; `hint` says where a missing one is had. Raises ConfigInvalid."""
        self._known.add(key)
        if key not in self._data:
            if default is _REQUIRED:
                raise ConfigInvalid(self._path(key), f"is missing; {hint}")
            return default
        try:
            return read(self._data.pop(key))
        except Unreadable as error:
            raise ConfigInvalid(self._path(key), str(error)) from error

    def section(self, key: str) -> Section:
        """A table inside. Raises ConfigInvalid."""
        return Section(self._path(key), self.take(key, _table))

    def sections(self, key: str) -> list[Section]:
        """An array of tables, at least one. Raises ConfigInvalid."""
        entries = self.take(key, _tables)
        return [Section(f"{self._path(key)}[{place}]", entry) for place, entry in enumerate(entries)]

    def finish(self) -> None:
        """Raises ConfigInvalid for a key nobody knows, with the nearest one that is known."""
        for key in self._data:
            near = get_close_matches(key, self._known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(self._known))}"
            raise ConfigInvalid(self._path(key), f"is no key here; {hint}")

    def _path(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise Unreadable("write a text in quotes")
    return value


def serial(value: Any) -> str:
    """A printer's own name, which also names files."""
    if not isinstance(value, str) or not _SERIAL.fullmatch(value):
        raise Unreadable('write a name of letters, digits, dots and dashes, like "mk4-left"')
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Unreadable("write true or false, without quotes")
    return value


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A whole number in a range, both ends allowed."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Unreadable(f"write a whole number from {low} to {high}, without quotes")
        return value

    return read


def wei(value: Any) -> Wei:
    """An amount below 2^96."""
    try:
        amount = wei_of(value)
    except Malformed as error:
        raise Unreadable('write whole wei, like "1000000000000000" (0.001 ETH)') from error
    if amount >= 2**96:
        raise Unreadable("is more than the escrow can hold (2^96 wei)")
    return amount


def address(value: Any) -> Address:
    """An Ethereum address."""
    try:
        return address_of(value)
    except Malformed as error:
        raise Unreadable(str(error)) from error


def addresses(value: Any) -> tuple[Address, ...]:
    """A list of addresses."""
    if not isinstance(value, list):
        raise Unreadable('write a list, like ["0x..."], or [] for none')
    return tuple(address(entry) for entry in value)


def url(value: Any) -> str:
    """An http or https address."""
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unreadable('write an address like "http://127.0.0.1:8000"')
    return str(value)


def confirmations(value: Any) -> int | None:
    """ "final" (None), or a number of blocks for chains whose nodes know no finalized block."""
    if value == "final":
        return None
    try:
        return whole(1, 100_000)(value)
    except Unreadable as error:
        raise Unreadable('write "final", or the number of blocks to wait for') from error


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("write it as a table")
    return value


def _tables(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
        raise Unreadable("write at least one table of this name in double brackets")
    return value
