"""Decoding logs: what the generated readers say is what eth_abi says."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_utils.abi import collapse_if_tuple
from hypothesis import given
from hypothesis import strategies as st

from contracts.artifacts import CONTRACTS, abi
from marketplace.chain.decoding import Event, Place, event_of, events
from marketplace.chain.errors import UnknownLog
from protocol.units import address_of, hex_of

ENTRIES = {entry["name"]: entry for name in CONTRACTS for entry in abi(name) if entry["type"] == "event"}
TOPICS = {event.name: topic for topic, event in events().items()}


def values(parameter: dict[str, Any]) -> st.SearchStrategy:
    """Random values of a parameter's type, as eth_abi takes them."""
    kind = parameter["type"]
    if kind == "tuple":
        return st.tuples(*(values(inner) for inner in parameter["components"]))
    if kind == "address":
        return st.binary(min_size=20, max_size=20).map(hex_of)
    if kind == "bool":
        return st.booleans()
    if kind == "bytes32":
        return st.binary(min_size=32, max_size=32)
    return st.integers(0, 2 ** int(kind[4:]) - 1)


def wire(parameter: dict[str, Any], value: Any) -> Any:
    """The wire form, from what eth_abi decodes."""
    kind = parameter["type"]
    if kind == "tuple":
        pairs = zip(parameter["components"], value, strict=True)
        return {inner["name"]: wire(inner, each) for inner, each in pairs}
    if kind == "address":
        return address_of(value)
    if kind == "bytes32":
        return hex_of(value)
    return str(value) if kind.startswith("uint") and int(kind[4:]) > 64 else value


@st.composite
def logs(draw: st.DrawFn) -> tuple[dict[str, Any], list[str], str]:
    """An event of ours, the topics and the data of a log of it."""
    entry = ENTRIES[draw(st.sampled_from(sorted(ENTRIES)))]
    topics, plain = [TOPICS[entry["name"]]], []
    for parameter in entry["inputs"]:
        value = draw(values(parameter))
        if parameter["indexed"]:
            topics.append(hex_of(encode([parameter["type"]], [value])))
        else:
            plain.append((collapse_if_tuple(parameter), value))
    data = hex_of(encode([kind for kind, _ in plain], [value for _, value in plain]))
    return entry, topics, data


def by_eth_abi(entry: dict[str, Any], topics: list[str], data: str) -> dict[str, Any]:
    indexed = [each for each in entry["inputs"] if each["indexed"]]
    plain = [each for each in entry["inputs"] if not each["indexed"]]
    found = [
        decode([each["type"]], bytes.fromhex(topic[2:]))[0]
        for each, topic in zip(indexed, topics[1:], strict=True)
    ]
    found += decode([collapse_if_tuple(each) for each in plain], bytes.fromhex(data[2:]))
    pairs = zip(indexed + plain, found, strict=True)
    return {parameter["name"]: wire(parameter, value) for parameter, value in pairs}


@pytest.mark.parametrize("topics", [[], ["0x" + "00" * 32], ["0x" + "ab" * 32, TOPICS["Paid"]]])
def test_a_log_of_another_contract_is_refused(topics):
    with pytest.raises(UnknownLog, match="another contract"):
        event_of(topics)


@given(logs(), st.sampled_from(["a topic less", "a topic more", "less data", "more data"]))
def test_a_log_of_another_length_is_refused(log, fault):
    _, topics, data = log
    event = event_of(topics)
    topics = {"a topic less": topics[:-1], "a topic more": [*topics, topics[0]]}.get(fault, topics)
    data = {"less data": data[:-2], "more data": data + "00"}.get(fault, data)
    with pytest.raises(UnknownLog, match=r"\d+ topics and data of \d+ digits"):
        event.args(topics, data)


@pytest.mark.parametrize(
    ("name", "word"), [("Paid", "1" + "00" * 31 + "0"), ("Paid", "zz" * 32), ("Delivered", None)]
)
def test_a_value_that_its_type_cannot_hold_is_refused(name, word):
    topics, event = [TOPICS[name], "0x" + "11" * 32], events()[TOPICS[name]]
    if word is None:
        assert event.args(topics, "0x" + "ff" * 32)["head"] == "0x" + "ff" * 32  # every digest is one
        return
    with pytest.raises(UnknownLog, match="out of its type's range"):
        event.args(topics, "0x" + word + "00" * 64)


@given(st.binary(min_size=12, max_size=12).filter(any))
def test_an_address_with_dirt_before_it_is_refused(dirt):
    topics = [TOPICS["EpochBumped"], hex_of(bytes(12) + b"\x01" * 20), hex_of(dirt + b"\x02" * 20)]
    with pytest.raises(UnknownLog, match="out of its type's range"):
        event_of(topics).args(topics, "0x" + "00" * 32)


@given(logs())
def test_every_log_is_read_as_eth_abi_reads_it(log):
    entry, topics, data = log
    event = event_of(topics)
    assert event.name == entry["name"]
    assert event.args(topics, data) == by_eth_abi(entry, topics, data)


@given(logs())
def test_the_agreement_is_where_its_topic_is(log):
    entry, topics, data = log
    event: Event = event_of(topics)
    named = any(each["name"] == "agreement" for each in entry["inputs"])
    assert bool(event.agreement) == named
    if named:
        assert event.args(topics, data)["agreement"] == topics[event.agreement]


def test_every_value_stands_at_a_fixed_place():
    for event in events().values():
        words = [each.word for each in event.plain if isinstance(each, Place)]
        assert words == sorted(set(words))
