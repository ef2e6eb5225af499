"""What Python knows of the contracts: ABI, deployments, errors."""

from dataclasses import replace
from pathlib import Path

import pytest
from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from contracts.artifacts import (
    ContractError,
    Deployment,
    ErrorAbi,
    UnknownContract,
    UnknownDeployment,
    UnknownErrorData,
    abi,
    bytecode,
    decode_error,
    deployment,
    deployment_write,
    error_selectors,
    is_build,
)
from tests.protocol.strategies import addresses

ADDRESS = "0x" + "ab" * 20
FOUND = Deployment(chain_id=31337, escrow=ADDRESS, anchor="0x" + "cd" * 20, block=7, publisher=None)


@pytest.mark.parametrize("read", [abi, bytecode])
def test_an_unknown_contract_is_refused(read) -> None:
    with pytest.raises(UnknownContract, match="PrintEscrow, ProvenanceAnchor"):
        read("../PrintEscrow")


def test_a_chain_without_a_deployment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownDeployment, match=r"contracts\.deploy"):
        deployment(5, tmp_path)


def test_a_deployment_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    deployment_write(FOUND, folder)
    assert deployment(31337, folder) == FOUND
    deployment_write(replace(FOUND, publisher=ADDRESS), folder)
    assert deployment(31337, folder).publisher == ADDRESS
    assert [path.name for path in folder.iterdir()] == ["31337.json"]


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x12\x34\x56\x78", bytes.fromhex("4e487b71") + bytes(32)])
def test_data_of_no_error_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(UnknownErrorData):
        decode_error(data)


def test_cut_values_are_refused() -> None:
    selector = ErrorAbi("TooLate", ("deadline",), ("uint256",)).selector
    with pytest.raises(UnknownErrorData, match="TooLate"):
        decode_error(selector + bytes(31))


def test_a_bare_selector_names_its_error() -> None:
    for selector, error in error_selectors().items():
        assert decode_error(selector) == ContractError(error.name, {})


VALUES = {
    "address": addresses(),
    "bytes32": st.binary(min_size=32, max_size=32),
    "uint256": st.integers(0, 2**256 - 1),
    "uint8": st.integers(0, 255),
}


@given(st.data())
def test_values_come_back(data: st.DataObject) -> None:
    error = data.draw(st.sampled_from(sorted(error_selectors().values(), key=lambda error: error.name)))
    values = [data.draw(VALUES[kind]) for kind in error.types]
    decoded = decode_error(error.selector + encode(error.types, values))
    assert decoded == ContractError(error.name, dict(zip(error.arguments, values, strict=True)))
    assert str(decoded).startswith(error.name + "(")


def test_an_error_reads_well() -> None:
    error = ContractError("WrongStatus", {"agreement": b"\x01" * 2, "status": 4})
    assert str(error) == "WrongStatus(agreement=0x0101, status=4)"


@given(st.binary(max_size=40))
def test_other_code_is_not_our_build(code: bytes) -> None:
    assert not is_build("PrintEscrow", code)
