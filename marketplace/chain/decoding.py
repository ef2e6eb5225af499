"""Logs by the committed ABI. Pure. Every value in our logs is static, so each stands at a fixed place."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from eth_utils.abi import event_abi_to_log_topic
from eth_utils.address import to_checksum_address

from contracts.artifacts import CONTRACTS, abi
from marketplace.chain.errors import UnknownLog
from protocol.units import hex_of

Parameter = dict[str, Any]
Reader = Callable[[str], Any]
"""A word of 64 hex digits to its value in the wire form."""
WIDEST_JSON_NUMBER_BITS = 64
WORD_DIGITS = 64
WITHOUT_AGREEMENT = "0x" + "0" * WORD_DIGITS


class Place(NamedTuple):
    """Where an argument stands (the number of its word in the data, or of its topic), and how it is read."""

    name: str
    word: int
    read: Reader


class Group(NamedTuple):
    """A struct in the data: the arguments within."""

    name: str
    members: "tuple[Place | Group, ...]"


@dataclass(frozen=True)
class Event:
    """One event of the ABI. `agreement`: the number of the topic that names one, 0 where none does."""

    name: str
    topics: int
    data_length: int
    agreement: int
    indexed: tuple[Place, ...]
    plain: tuple[Place | Group, ...]

    def args(self, topics: Sequence[str], data: str) -> dict[str, Any]:
        """All arguments by their ABI names: u96 and wider as decimal text, bytes as hex, addresses EIP-55.

        Raises UnknownLog.
        """
        if len(topics) != self.topics or len(data) != self.data_length:
            raise UnknownLog(f"{self.name} with {len(topics)} topics and data of {len(data)} digits")
        try:
            found = {place.name: place.read(topics[place.word][2:]) for place in self.indexed}
            return found | {entry.name: _read(entry, data) for entry in self.plain}
        except ValueError as error:
            raise UnknownLog(f"{self.name} with a value out of its type's range") from error


def _read(entry: Place | Group, data: str) -> Any:
    if isinstance(entry, Group):
        return {member.name: _read(member, data) for member in entry.members}
    start = 2 + entry.word * WORD_DIGITS
    return entry.read(data[start : start + WORD_DIGITS])


@cache
def events() -> dict[str, Event]:
    """Every event of both contracts, by its first topic."""
    entries = [entry for contract in CONTRACTS for entry in abi(contract) if entry["type"] == "event"]
    return {hex_of(event_abi_to_log_topic(entry)): _event(entry) for entry in entries}  # type: ignore[arg-type]


def event_of(topics: Sequence[str]) -> Event:
    """The event of a log. Raises UnknownLog."""
    event = events().get(topics[0]) if topics else None
    if event is None:
        raise UnknownLog(f"topics {list(topics)}")
    return event


def _event(entry: Parameter) -> Event:
    indexed = [item for item in entry["inputs"] if item["indexed"]]
    plain, words = _laid_out([item for item in entry["inputs"] if not item["indexed"]], 0)
    names = [item["name"] for item in indexed]
    return Event(
        name=entry["name"],
        topics=len(indexed) + 1,
        data_length=2 + words * WORD_DIGITS,
        agreement=names.index("agreement") + 1 if "agreement" in names else 0,
        indexed=tuple(Place(item["name"], n, _reader(item["type"])) for n, item in enumerate(indexed, 1)),
        plain=plain,
    )


def _laid_out(parameters: Iterable[Parameter], word: int) -> tuple[tuple[Place | Group, ...], int]:
    """The parameters from a word of the data on, and the number of the word after them."""
    found: list[Place | Group] = []
    for parameter in parameters:
        if parameter["type"] == "tuple":
            members, word = _laid_out(parameter["components"], word)
            found.append(Group(parameter["name"], members))
        else:
            found.append(Place(parameter["name"], word, _reader(parameter["type"])))
            word += 1
    return tuple(found), word


def _reader(kind: str) -> Reader:
    if kind == "address":
        return _address
    if kind == "bool":
        return _bool
    if kind.startswith("uint"):
        bits = int(kind[4:])
        return _number(bits) if bits <= WIDEST_JSON_NUMBER_BITS else _decimal(bits)
    if kind == "bytes32":
        return _digest
    raise UnknownLog(f"a value of type {kind}, which does not stand at a fixed place")


def _digest(word: str) -> str:
    return "0x" + word


@lru_cache(maxsize=65_536)
def _address(word: str) -> str:
    if int(word[:24], 16):
        raise ValueError(word)
    return to_checksum_address("0x" + word[24:])


def _bool(word: str) -> bool:
    return bool(_checked(word, 1))


def _number(bits: int) -> Reader:
    return lambda word: _checked(word, bits)


def _decimal(bits: int) -> Reader:
    return lambda word: str(_checked(word, bits))


def _checked(word: str, bits: int) -> int:
    value = int(word, 16)
    if value >> bits:
        raise ValueError(word)
    return value
