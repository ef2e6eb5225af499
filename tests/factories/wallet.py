"""A wallet that is a contract (ERC-1271): it says yes to the digests that its owner approved."""

from __future__ import annotations

from functools import cache
from typing import Any

import solcx

from contracts.compiler import NPM_SOLC, ROOT, standard_input
from protocol.units import Address, Digest, address_of
from tests.anvil import Anvil

SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
contract Wallet {
    mapping(bytes32 => bool) public approved;
    function approve(bytes32 digest) external { approved[digest] = true; }
    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        require(approved[digest], "never approved");
        return this.isValidSignature.selector;
    }
}
"""


@cache
def _compiled() -> tuple[list[dict[str, Any]], str]:
    request = {
        "language": "Solidity",
        "sources": {"Wallet.sol": {"content": SOURCE}},
        "settings": {
            **standard_input()["settings"],
            "outputSelection": {"Wallet.sol": {"*": ["abi", "evm.bytecode.object"]}},
        },
    }
    made = solcx.compile_standard(request, solc_binary=NPM_SOLC, base_path=ROOT)
    found = made["contracts"]["Wallet.sol"]["Wallet"]
    return found["abi"], found["evm"]["bytecode"]["object"]


class Wallet:
    """One deployed wallet."""

    def __init__(self, anvil: Anvil) -> None:
        abi, code = _compiled()
        self._eth = anvil.web3.eth
        self._payer = self._eth.accounts[0]
        sent = self._eth.contract(abi=abi, bytecode=code).constructor().transact({"from": self._payer})
        made = self._eth.wait_for_transaction_receipt(sent)["contractAddress"]
        self.address: Address = address_of(made)
        self._contract = self._eth.contract(address=self.address, abi=abi)

    def approve(self, digest: Digest) -> None:
        sent = self._contract.functions.approve(digest).transact({"from": self._payer})
        assert self._eth.wait_for_transaction_receipt(sent)["status"] == 1
