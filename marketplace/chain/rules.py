"""Logs decoded by the committed ABI, and how far to read at once. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eth_abi.abi import decode
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic

from marketplace.chain.errors import UnknownLog
from protocol.units import address_of, bytes_of, hex_of

Parameter = dict[str, Any]
WIDEST_JSON_NUMBER_BITS = 64


def _json_value(value: Any, parameter: Parameter) -> Any:
    """One decoded value in the wire form: u96 and wider as decimal text, bytes as hex, addresses EIP-55."""
    kind: str = parameter["type"]
    if kind == "tuple":
        return {
            inner["name"]: _json_value(item, inner)
            for inner, item in zip(parameter["components"], value, strict=True)
        }
    if kind.startswith("uint"):
        return value if int(kind[4:]) <= WIDEST_JSON_NUMBER_BITS else str(value)
    if kind.startswith("bytes"):
        return hex_of(value)
    return address_of(value) if kind == "address" else value


@dataclass(frozen=True)
class EventAbi:
    """One event of the ABI."""

    name: str
    indexed: tuple[Parameter, ...]
    plain: tuple[Parameter, ...]

    @cached_property
    def plain_types(self) -> list[str]:
        return [collapse_if_tuple(parameter) for parameter in self.plain]

    def args(self, topics: Sequence[str], data: str) -> dict[str, Any]:
        """All arguments by their ABI names, in the wire form."""
        found = {}
        for parameter, topic in zip(self.indexed, topics[1:], strict=True):
            (value,) = decode([parameter["type"]], bytes_of(topic))
            found[parameter["name"]] = _json_value(value, parameter)
        values = decode(self.plain_types, bytes_of(data))
        for parameter, value in zip(self.plain, values, strict=True):
            found[parameter["name"]] = _json_value(value, parameter)
        return found


class LogDecoder:
    """Names logs by their first topic."""

    def __init__(self, abi: Iterable[dict[str, Any]]) -> None:
        self._events = {
            hex_of(event_abi_to_log_topic(entry)): EventAbi(  # type: ignore[arg-type]
                entry["name"],
                tuple(item for item in entry["inputs"] if item["indexed"]),
                tuple(item for item in entry["inputs"] if not item["indexed"]),
            )
            for entry in abi
            if entry["type"] == "event"
        }

    def decode(self, topics: Sequence[str], data: str) -> tuple[str, dict[str, Any]]:
        """The log's name and arguments. Raises UnknownLog."""
        event = self._events.get(topics[0]) if topics else None
        if event is None:
            raise UnknownLog(
                f"The escrow emitted a log this build does not know (topics {list(topics)}): "
                "is another contract at its address, or is contracts/build out of date?"
            )
        return event.name, event.args(topics, data)


@dataclass
class Span:
    """How many blocks to ask for at once: halved when the node refuses, doubled while answers are small."""

    blocks: int = 1_000
    largest: int = 50_000
    many_logs: int = 5_000

    def refused(self) -> bool:
        """Take half; False when one block is already too much."""
        if self.blocks == 1:
            return False
        self.blocks //= 2
        return True

    def answered(self, logs: int) -> None:
        if logs > self.many_logs:
            self.blocks = max(1, self.blocks // 2)
        elif logs < self.many_logs // 4:
            self.blocks = min(self.largest, self.blocks * 2)
