"""Logs as a node gives them, from the arguments that they carry."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple

from contracts.codec import entry_of, topic_of
from protocol.units import hex_of


def encoded(name: str, args: dict[str, Any]) -> tuple[list[str], str]:
    """The topics and data of an escrow's log; `args` in the wire form."""
    entry = entry_of("PrintEscrow", "event", name)
    topics, plain = [hex_of(topic_of(entry))], []
    for parameter in entry["inputs"]:
        value, kind = _plain(parameter, args[parameter["name"]]), collapse_if_tuple(parameter)
        if parameter["indexed"]:
            topics.append(hex_of(encode([kind], [value])))
        else:
            plain.append((kind, value))
    return topics, hex_of(encode([kind for kind, _ in plain], [value for _, value in plain]))


def _plain(parameter: dict[str, Any], value: Any) -> Any:
    kind = parameter["type"]
    if kind == "tuple":
        return [_plain(inner, value[inner["name"]]) for inner in parameter["components"]]
    if kind.startswith("uint"):
        return int(value)
    return bytes.fromhex(value[2:]) if kind.startswith("bytes") else value
