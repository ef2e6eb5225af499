"""Calls, views and logs: all that the ABI has, and to the byte as web3 encodes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from eth_abi import encode
from eth_utils.abi import collapse_if_tuple
from hypothesis import given
from hypothesis import strategies as st
from web3 import Web3

from contracts.artifacts import CONTRACTS, abi, error_selectors
from contracts.calls import Call, Claim, Release, Transaction, call_of
from contracts.codec import ENUMS, STRUCTS, Permit, name_in_python
from contracts.logs import Log, Paid, log_of
from contracts.views import Agreements, AgreementWord, CheckAwardable, IsAwardable, View
from protocol.errors import Malformed
from protocol.statuses import AgreementStatus
from tests.protocol.strategies import structs, values
from tests.vectors.samples import sample_bid

TRANSACTIONS, VIEWS, LOGS = Transaction.__subclasses__(), View.__subclasses__(), Log.__subclasses__()
WEB3 = Web3()


def entries(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for contract in CONTRACTS:
        yield from ((contract, entry) for entry in abi(contract) if entry["type"] == kind)


def struct_of(parameter: dict[str, Any]) -> str:
    kind, _, name = parameter["internalType"].rpartition(" ")
    return name.rpartition(".")[2] if kind == "struct" else ""


def any_value(parameter: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A typed value of a parameter's type."""
    if struct := struct_of(parameter):
        return structs(STRUCTS[struct])
    if parameter["internalType"].startswith("enum "):
        return st.sampled_from(ENUMS[parameter["internalType"].rpartition(".")[2]])
    if parameter["type"] == "bytes32[]":
        return st.lists(values("bytes32"), max_size=5).map(tuple)
    return st.binary(max_size=70) if parameter["type"] == "bytes" else values(parameter["type"])


def raw(parameter: dict[str, Any], value: Any) -> Any:
    """A typed value as other people's encoders take it."""
    if struct_of(parameter):
        return value.as_tuple()
    if parameter["internalType"].startswith("enum "):
        return ENUMS[parameter["internalType"].rpartition(".")[2]].index(value)
    return value


def any_of(kinds: list[type], data: st.DataObject) -> Any:
    kind = data.draw(st.sampled_from(kinds))
    return kind(*[data.draw(any_value(parameter)) for parameter in kind.entry()["inputs"]])


# ------------------------------------------------------------------ nothing is left out


def test_every_function_has_its_call() -> None:
    known = {(kind.contract, kind.function) for kind in [*TRANSACTIONS, *VIEWS]}
    assert {(contract, entry["name"]) for contract, entry in entries("function")} == known


def test_what_changes_nothing_is_a_view() -> None:
    views = {
        entry["name"] for _, entry in entries("function") if entry["stateMutability"] in ("view", "pure")
    }
    assert {kind.function for kind in VIEWS} == views


def test_every_event_has_its_log() -> None:
    known = {(kind.contract, kind.__name__) for kind in LOGS}
    assert {(contract, entry["name"]) for contract, entry in entries("event")} == known


def test_every_error_is_decoded_by_its_own_selector() -> None:
    named = {entry["name"]: entry for _, entry in entries("error")}
    assert {error.name for error in error_selectors().values()} == set(named)
    assert len(error_selectors()) == len(named)


@pytest.mark.parametrize("kind", [*TRANSACTIONS, *VIEWS, *LOGS], ids=lambda kind: kind.__name__)
def test_arguments_are_named_as_in_the_abi(kind: type[Call] | type[Log]) -> None:
    names = [name_in_python(parameter["name"]) for parameter in kind.entry()["inputs"]]
    assert [field.name for field in fields(kind)] == names


@pytest.mark.parametrize("kind", [kind for kind in VIEWS if kind.answers], ids=lambda kind: kind.__name__)
def test_answers_are_named_as_in_the_abi(kind: type[View]) -> None:
    names = [name_in_python(parameter["name"]) for parameter in kind.entry()["outputs"]]
    assert [field.name for field in fields(kind.answers)] == names


def test_only_several_values_need_an_answer_of_their_own() -> None:
    assert all((len(kind.entry()["outputs"]) > 1) == bool(kind.answers) for kind in VIEWS)


@pytest.mark.parametrize("name", sorted(STRUCTS))
def test_structs_have_the_members_of_the_abi(name: str) -> None:
    found = {
        tuple((member["name"], member["type"]) for member in parameter["components"])
        for kind in ("function", "event")
        for _, entry in entries(kind)
        for parameter in entry["inputs"]
        if struct_of(parameter) == name
    }
    assert found == {tuple(STRUCTS[name].members.values())}


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize("data", [b"", b"\x00" * 3, b"\x12\x34\x56\x78" + bytes(64)])
def test_calldata_of_no_transaction_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed, match="selects no transaction"):
        call_of(data)


def test_a_question_is_no_transaction() -> None:
    with pytest.raises(Malformed, match="selects no transaction"):
        call_of(Agreements(bytes(32)).data)


def test_cut_calldata_is_refused() -> None:
    with pytest.raises(Malformed, match="not what the contract encodes"):
        call_of(Claim(sample_bid()).data[:-1])


@pytest.mark.parametrize("cumulative", [-1, 2**96, "1", None, 1.5])
def test_an_argument_out_of_range_is_refused(cumulative: Any) -> None:
    with pytest.raises(Malformed, match="not what the contract takes"):
        _ = Release(sample_bid(), cumulative).data


@pytest.mark.parametrize("topics", [[], [bytes(32)]])
def test_a_log_of_another_contract_is_refused(topics: list[bytes]) -> None:
    with pytest.raises(Malformed, match="no log of ours"):
        log_of(topics, b"")


def test_a_log_that_lacks_a_topic_is_refused() -> None:
    with pytest.raises(Malformed, match="Paid has 2 topics, not 1"):
        log_of([Paid.topic()], bytes(96))


def test_a_log_with_an_unknown_way_of_closing_is_refused() -> None:
    with pytest.raises(Malformed, match="How has no member number 10"):
        log_of([Paid.topic(), bytes(32)], encode(["uint96", "uint96", "uint8"], [1, 2, 10]))


@pytest.mark.parametrize("returned", [b"", bytes(64)])
def test_an_answer_that_is_none_is_refused(returned: bytes) -> None:
    """An address without code answers with nothing."""
    with pytest.raises(Malformed, match="not what the contract encodes"):
        Agreements(bytes(32)).answer(returned)


# ------------------------------------------------------------------ there and back


@given(st.data())
def test_calldata_is_as_web3_encodes_it(data: st.DataObject) -> None:
    call = any_of([*TRANSACTIONS, *VIEWS], data)
    inputs = call.entry()["inputs"]
    arguments = [
        raw(each, getattr(call, field.name)) for each, field in zip(inputs, fields(call), strict=True)
    ]
    contract = WEB3.eth.contract(abi=abi(call.contract))
    assert "0x" + call.data.hex() == contract.encode_abi(call.function, args=arguments)


@given(st.data())
def test_a_transaction_is_read_back_from_its_calldata(data: st.DataObject) -> None:
    call = any_of(TRANSACTIONS, data)
    assert call_of(call.data) == call


@given(st.data())
def test_a_log_is_read_back_from_its_topics_and_data(data: st.DataObject) -> None:
    log = any_of(LOGS, data)
    topics, plain = [log.topic()], []
    for parameter, field in zip(log.entry()["inputs"], fields(log), strict=True):
        pair = collapse_if_tuple(parameter), raw(parameter, getattr(log, field.name))
        if parameter["indexed"]:
            topics.append(encode([pair[0]], [pair[1]]))
        else:
            plain.append(pair)
    assert log_of(topics, encode([kind for kind, _ in plain], [value for _, value in plain])) == log


@given(st.data())
def test_an_answer_is_read_as_the_contract_gives_it(data: st.DataObject) -> None:
    view = any_of([kind for kind in VIEWS if kind is not IsAwardable], data)
    outputs = view.entry()["outputs"]
    drawn = [data.draw(any_value(parameter)) for parameter in outputs]
    returned = encode(
        [parameter["type"] for parameter in outputs],
        [raw(each, value) for each, value in zip(outputs, drawn, strict=True)],
    )
    expected = view.answers(*drawn) if view.answers else (drawn or [None])[0]
    assert view.answer(returned) == expected


def test_a_word_names_its_status() -> None:
    returned = encode(["uint8", "uint8", "uint40", "uint96", "uint96"], [2, 3, 4, 5, 6])
    assert Agreements(bytes(32)).answer(returned) == AgreementWord(AgreementStatus.DELIVERED, 3, 4, 5, 6)


def test_a_check_that_passes_answers_nothing() -> None:
    bid = sample_bid()
    assert CheckAwardable(bid, b"", bid.provider, 1).answer(b"") is None


def test_a_permit_is_checked_like_what_is_signed() -> None:
    with pytest.raises(Malformed, match="v"):
        Permit(1, 256, bytes(32), bytes(32))
