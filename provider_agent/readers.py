"""Reading single values of agent.toml: each reader returns the typed value or says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from protocol.errors import Malformed
from protocol.units import Address, Wei, address_of, wei_of
from provider_agent.toml_places import Place

T = TypeVar("T")
_REQUIRED: Any = object()
_REFUSED: Any = None
_MISSING = "is missing"
_EXAMPLE = "`infill-agent init` writes an example"
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Unreadable(Exception):
    """A value is not what its key needs; the message says what to write. `below`: which part of it."""

    def __init__(self, message: str, below: Place = ()) -> None:
        super().__init__(message)
        self.below = below


@dataclass(frozen=True)
class Problem:
    """What is wrong at a place of the file, and what to write instead."""

    place: Place
    text: str

    @property
    def key(self) -> str:
        """The place for people: printers[0].capability."""
        named = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.place)
        return named.removeprefix(".") or "the file"


class Section:
    """One table of the file. Keys are taken one by one; `finish` refuses what nobody took.

    Nothing is raised: all that is wrong goes to `problems`, and what is taken wrongly is None. Whoever reads
    a file looks at the problems before using what was read.
    """

    def __init__(
        self, data: dict[str, Any], problems: list[Problem], place: Place = (), *, lost: bool = False
    ) -> None:
        self._place = place
        self._data = dict(data)
        self._known: set[str] = set()
        self._problems = problems
        self._lost = lost

    def take(self, key: str, read: Callable[[Any], T], default: T = _REQUIRED, *, hint: str = _EXAMPLE) -> T:
        """The value of a key, read; `hint` says where a missing one is had."""
        self._known.add(key)
        if key not in self._data:
            if default is not _REQUIRED:
                return default
            if not self._lost:
                self._problems.append(Problem((*self._place, key), f"{_MISSING}; {hint}"))
            return cast(T, _REFUSED)
        try:
            return read(self._data.pop(key))
        except Unreadable as error:
            self._problems.append(Problem((*self._place, key, *error.below), str(error)))
            return cast(T, _REFUSED)

    def section(self, key: str) -> Section:
        """A table inside."""
        found = self.take(key, _table)
        return Section(found or {}, self._problems, (*self._place, key), lost=found is _REFUSED)

    def sections(self, key: str) -> list[Section]:
        """An array of tables, at least one."""
        entries = self.take(key, _tables) or []
        return [
            Section(entry, self._problems, (*self._place, key, number))
            for number, entry in enumerate(entries)
        ]

    def finish(self) -> None:
        """Refuse every key that nobody knows, with the nearest one that is known and is not there."""
        for key in self._data:
            near = get_close_matches(key, self._known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(self._known))}"
            if near:
                self._meant((*self._place, near[0]))
            self._problems.append(Problem((*self._place, key), f"is no key here; {hint}"))

    def _meant(self, place: Place) -> None:
        """What is only misspelt is not missing besides."""
        self._problems[:] = [
            one for one in self._problems if not (one.place == place and one.text.startswith(_MISSING))
        ]


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
    """An http or https address, without a slash at its end."""
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unreadable('write an address like "http://127.0.0.1:8000"')
    return str(value).rstrip("/")


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
